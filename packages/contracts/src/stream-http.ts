import { z } from 'zod';
import { overviewMeter } from './admin-http.ts';
import { scopeId } from './ids.ts';
import { scopeKind } from './limits.ts';
import { historyEntry } from './metering-http.ts';

/** How many scopes one stream tells the meters of. */
export const MOST_WATCHED = 250;

/** Whose meters are wanted: ids of keys, teams or the organization; one that the caller may not see has none. */
export const streamQuery = z.strictObject({
  watch: z
    .string()
    .transform((text) => [...new Set(text.split(',').filter((id) => id !== ''))])
    .pipe(z.array(scopeId).max(MOST_WATCHED, `must name at most ${MOST_WATCHED} scopes`))
    .optional(),
});
export type StreamQuery = z.output<typeof streamQuery>;

export const streamMeter = z.object({
  scope_id: z.string(),
  meter: overviewMeter,
  last_used_at: z.string().nullable(),
});
export type StreamMeter = z.infer<typeof streamMeter>;

export const scopeChanged = z.object({ scope: scopeKind, id: z.string(), version: z.int() });
export type ScopeChanged = z.infer<typeof scopeChanged>;

export const limitTold = historyEntry.extend({ scope: scopeKind, scope_id: z.string() });
export type LimitTold = z.infer<typeof limitTold>;

/**
 * What a stream tells, by the name of the event.
 *
 * - `hello`: it is open, and tells everything that happens from now on, or after `Last-Event-ID`.
 * - `resync`: something may have happened that will not be told; what is shown is to be read anew.
 * - `meter`: a watched scope's figures, first as they are, then whenever they changed.
 * - `meters`: whether figures move: `live` is false while metering cannot be asked.
 * - `changed`: a scope has another version.
 * - `limit`: a warning, breach or reset, watched or not.
 */
export const STREAM_EVENTS = {
  hello: z.object({}),
  resync: z.object({}),
  meter: streamMeter,
  meters: z.object({ live: z.boolean() }),
  changed: scopeChanged,
  limit: limitTold,
} as const;
export type StreamEventName = keyof typeof STREAM_EVENTS;
export type StreamEventData<Name extends StreamEventName> = z.infer<(typeof STREAM_EVENTS)[Name]>;
