import { z } from 'zod';
import { adjustmentKind, usageAdjusted, usageRecorded } from './events.ts';
import { usdAmount } from './money.ts';
import { checkSpan, spanFields } from './span.ts';

export const LINE_ITEM_KINDS = ['usage', 'adjustment'] as const;
/** Corrections are lines of their own: what was used in an hour stays as it was told. */
export const lineItemKind = z.enum(LINE_ITEM_KINDS);
export type LineItemKind = z.infer<typeof lineItemKind>;

/**
 * What one key used of one model in one hour, by admission, in UTC. Late records and corrections change the line of
 * their own hour: `revision` grows by one with every change, and of two copies the higher one holds.
 */
export const lineItem = z.object({
  hour: z.string(),
  team_id: z.string(),
  key_id: z.string(),
  provider: z.string(),
  model: z.string(),
  kind: lineItemKind,
  /** Attempts; 0 where `kind` is `adjustment`. */
  requests: z.string(),
  /** Attempts of models that had no price; they add nothing to `cost_usd`. */
  unpriced_requests: z.string(),
  /** Integers as text, since sums may pass 2^53. Of corrections the total alone is known, and may be negative. */
  tokens_input: z.string(),
  tokens_cached_input: z.string(),
  tokens_cache_write: z.string(),
  tokens_output: z.string(),
  tokens_reasoning: z.string(),
  tokens_total: z.string(),
  cost_usd: usdAmount,
  revision: z.string(),
  updated_at: z.string(),
});
export type LineItem = z.infer<typeof lineItem>;
export const LINE_ITEM_COLUMNS = Object.keys(lineItem.shape) as (keyof LineItem)[];

export const LINE_ITEM_FORMATS = ['csv', 'ndjson', 'parquet'] as const;
export type LineItemFormat = (typeof LINE_ITEM_FORMATS)[number];
export const LINE_ITEM_MEDIA_TYPES: Readonly<Record<LineItemFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
};
export const LONGEST_LINE_ITEM_DAYS = 800;

const filter = (what: string) => z.string().regex(/^[^\0]{1,256}$/, `must be ${what}`);
/** The lines of hours that begin in [from, to); without `to` until now, without `from` the 24 hours before `to`. */
export const lineItemsQuery = z
  .strictObject({
    ...spanFields,
    team_id: filter('the id of a team').optional(),
    key_id: filter('the id of a key').optional(),
    model: filter('the name of a model').optional(),
    format: z.enum(LINE_ITEM_FORMATS).default('csv'),
  })
  .superRefine((query, ctx) => checkSpan(query, LONGEST_LINE_ITEM_DAYS, ctx));
export type LineItemsQuery = z.infer<typeof lineItemsQuery>;

export const METER_EVENT_STATES = ['pending', 'sent', 'held', 'failed'] as const;
/** `held`: whether Stripe has it is unknown, or it is too old to send; `failed`: Stripe refused it. Both need a person. */
export const meterEventState = z.enum(METER_EVENT_STATES);
export type MeterEventState = z.infer<typeof meterEventState>;

/** The body of Stripe's `POST /v1/billing/meter_events`. */
export const stripeMeterEvent = z.object({
  event_name: z.string(),
  identifier: z.string(),
  /** Seconds since the epoch. */
  timestamp: z.int(),
  payload: z.object({ stripe_customer_id: z.string(), value: z.string().regex(/^[1-9]\d*$/) }),
});
export type StripeMeterEvent = z.infer<typeof stripeMeterEvent>;

export const meterEvent = z.object({
  state: meterEventState,
  team_id: z.string(),
  /** The hour whose end made it, and what the line's events come to with it. */
  hour: z.string(),
  cumulative: z.string(),
  attempts: z.int(),
  /** Why it is held or failed, or why the last attempt did not succeed. */
  problem: z.string().nullable(),
  sent_at: z.string().nullable(),
  event: stripeMeterEvent,
});
export type MeterEvent = z.infer<typeof meterEvent>;

/** Meter events of hours that begin in [from, to), as lines of JSON. */
export const meterEventsQuery = z
  .strictObject({
    ...spanFields,
    state: meterEventState.optional(),
    team_id: filter('the id of a team').optional(),
  })
  .superRefine((query, ctx) => checkSpan(query, LONGEST_LINE_ITEM_DAYS, ctx));
export type MeterEventsQuery = z.infer<typeof meterEventsQuery>;

const actor = z.string().trim().min(1).max(128).default('internal');
const reason = z.string().trim().min(1, 'must say why').max(512);
const ids = z.array(z.string().min(1).max(300)).min(1).max(1_000);

/**
 * What a person found out about events that are held or failed: `sent`, Stripe has them or they were billed in
 * another way; `pending`, Stripe has nothing of them, and they are sent anew.
 */
export const resolveBody = z.strictObject({
  identifiers: ids,
  as: z.enum(['sent', 'pending'], 'must be sent or pending'),
  reason,
  actor,
});
export type ResolveBody = z.infer<typeof resolveBody>;
/** Which were resolved, and which are neither held nor failed, or unknown. */
export const resolveAnswer = z.object({ resolved: z.array(z.string()), untouched: z.array(z.string()) });
export type ResolveAnswer = z.infer<typeof resolveAnswer>;

export const refusalReason = z.enum(['ahead', 'behind', 'malformed']);
export type RefusalReason = z.infer<typeof refusalReason>;
export const refusedRecord = z.object({
  id: z.string(),
  kind: z.union([z.literal('usage'), adjustmentKind]),
  admitted_at: z.string(),
  reason: refusalReason,
  refused_at: z.string(),
  record: z.union([usageRecorded, usageAdjusted]),
});
export type RefusedRecord = z.infer<typeof refusedRecord>;
/** Oldest first, 1 000 at most; `total` tells how many there are. */
export const refusedAnswer = z.object({ total: z.int(), data: z.array(refusedRecord) });
export type RefusedAnswer = z.infer<typeof refusedAnswer>;
export const releaseRefusedBody = z.strictObject({ ids, reason, actor });
export type ReleaseRefusedBody = z.infer<typeof releaseRefusedBody>;
/** Which now count, which counted already, which cannot be counted by anyone. */
export const releaseRefusedAnswer = z.object({
  released: z.array(z.string()),
  duplicates: z.array(z.string()),
  malformed: z.array(z.string()),
  unknown: z.array(z.string()),
});
export type ReleaseRefusedAnswer = z.infer<typeof releaseRefusedAnswer>;
