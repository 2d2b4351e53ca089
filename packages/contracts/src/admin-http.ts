import { z } from 'zod';
import { allowedIps, allowedModels } from './allow-lists.ts';
import { period } from './events.ts';
import { keyId, teamId } from './ids.ts';
import { instantInput } from './instant.ts';
import { dimension, limits, limitsInput } from './limits.ts';
import { historyEntry } from './metering-http.ts';
import { usdAmount } from './money.ts';

const label = z.string().trim().min(1).max(128);
const name = z
  .string()
  .trim()
  .min(1, 'must have 1 to 128 characters')
  .max(128, 'must have 1 to 128 characters');
const metadata = z
  .record(z.string().min(1).max(64), z.string().max(512))
  .refine((entries) => Object.keys(entries).length <= 32, 'must have at most 32 entries');

export const createKeyBody = z.strictObject({
  name,
  team_id: teamId.optional(),
  owner: label.nullable().optional(),
  environment: label.nullable().optional(),
  purpose: label.nullable().optional(),
  expires_at: instantInput.nullable().optional(),
  limits: limitsInput.optional(),
  allowed_models: allowedModels.nullable().optional(),
  allowed_ips: allowedIps.nullable().optional(),
  metadata: metadata.optional(),
});
export type CreateKeyBody = z.infer<typeof createKeyBody>;

export const patchKeyBody = createKeyBody.omit({ team_id: true }).extend({ enabled: z.boolean() }).partial();
export type PatchKeyBody = z.infer<typeof patchKeyBody>;

export const MAX_OVERLAP_SECONDS = 604_800;
export const rotateKeyBody = z.strictObject({
  overlap_seconds: z
    .int('must be a whole number')
    .min(0, `must be from 0 to ${MAX_OVERLAP_SECONDS}`)
    .max(MAX_OVERLAP_SECONDS, `must be from 0 to ${MAX_OVERLAP_SECONDS}`)
    .default(86_400),
});
export type RotateKeyBody = z.infer<typeof rotateKeyBody>;

/** Of a key, a team or the organization. */
export const resetBody = z.strictObject({ reason: z.string().trim().min(1).max(512).optional() });
export type ResetBody = z.infer<typeof resetBody>;

const metadataEntry = z
  .string()
  .regex(/^[^:]{1,64}:.{0,512}$/s, 'must be name:value, such as "cost_center:42"')
  .transform((text) => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)] as const);

export const keyStatus = z.enum(['active', 'disabled', 'expired', 'revoked']);
export type KeyStatus = z.infer<typeof keyStatus>;

export const KEY_SORTS = ['created_at', '-created_at', 'name', '-name'] as const;
export const listKeysQuery = z.strictObject({
  team_id: teamId.optional(),
  environment: label.optional(),
  owner: label.optional(),
  purpose: label.optional(),
  /** `name:value` of metadata; several must all hold. */
  metadata: z
    .union([
      metadataEntry.transform((one) => [one]),
      z.array(metadataEntry).max(8, 'must be at most 8 entries'),
    ])
    .transform((entries) => Object.fromEntries(entries))
    .optional(),
  status: keyStatus.optional(),
  search: z.string().trim().min(1).max(128).optional(),
  sort: z.enum(KEY_SORTS).default('-created_at'),
  limit: z.coerce
    .number()
    .int()
    .min(1, 'must be from 1 to 200')
    .max(200, 'must be from 1 to 200')
    .default(25),
  cursor: z.string().max(512).optional(),
});
export type ListKeysQuery = z.infer<typeof listKeysQuery>;

/**
 * What a key's team, and the admin key that made it, are called now. Absent in answers to changes, and where there is
 * no name: `system` makes some things by itself.
 */
export const namesOfToday = { team_name: z.string().optional(), created_by_name: z.string().optional() };

export const key = z.object({
  id: keyId,
  name: z.string(),
  team_id: z.string(),
  owner: z.string().nullable(),
  environment: z.string().nullable(),
  purpose: z.string().nullable(),
  status: keyStatus,
  enabled: z.boolean(),
  /** The part of the token that may be shown: `tg_…` up to the secret. */
  prefix: z.string(),
  last_four: z.string(),
  created_at: z.string(),
  created_by: z.string(),
  ...namesOfToday,
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
  limits,
  /** `null` is any. */
  allowed_models: z.array(z.string()).nullable(),
  allowed_ips: z.array(z.string()).nullable(),
  metadata: z.record(z.string(), z.string()),
  version: z.int(),
});
export type Key = z.infer<typeof key>;

/** How far a change had got when the call answered: `complete` when every live gateway had applied it. */
export const propagation = z.object({
  complete: z.boolean(),
  gateways: z.int(),
  acknowledged: z.int(),
  took_ms: z.number(),
});
export type Propagation = z.infer<typeof propagation>;

export const keyAnswer = key.extend({ propagation: propagation.optional() });
export type KeyAnswer = z.infer<typeof keyAnswer>;
/** The secret is there on the call that made it, and absent where that call is repeated with its `Idempotency-Key`. */
export const keyWithSecret = z.object({ key, secret: z.string(), propagation });
export type KeyWithSecret = z.infer<typeof keyWithSecret>;
export const createdKey = keyWithSecret.partial({ secret: true });
export type CreatedKey = z.infer<typeof createdKey>;

/** Which live gateways have applied a key's current version, and since when they are known to. */
export const keyPropagation = z.object({
  version: z.int(),
  complete: z.boolean(),
  gateways: z.array(
    z.object({
      instance: z.string(),
      applied: z.boolean(),
      /** When its report arrived that first said so; `null` where that is longer ago than reports are kept. */
      applied_at: z.string().nullable(),
      heard_at: z.string(),
    }),
  ),
});
export type KeyPropagation = z.infer<typeof keyPropagation>;

export const MOST_BULK_KEYS = 500;
const bulkFilter = z
  .strictObject({ team_id: teamId, environment: label, owner: label, purpose: label })
  .partial()
  .refine(
    (filter) => Object.keys(filter).length > 0,
    'must have at least one field: else it would be every key',
  );
/** What to do with keys, named or found: those that are not revoked. */
export const bulkKeysBody = z
  .strictObject({
    action: z.enum(['enable', 'disable', 'revoke']),
    ids: z
      .array(z.string().max(128))
      .min(1, 'must name at least one key')
      .max(MOST_BULK_KEYS, `must name at most ${MOST_BULK_KEYS} keys`)
      .optional(),
    filter: bulkFilter.optional(),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    path: ['ids'],
    message: 'must be given, or "filter", and not both',
  });
export type BulkKeysBody = z.infer<typeof bulkKeysBody>;
export const bulkResult = z.object({
  id: z.string(),
  /** The key's status afterwards; absent where it could not be done. */
  status: keyStatus.optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
export const bulkKeysAnswer = z.object({
  data: z.array(bulkResult),
  /** `true`: more keys match the filter than one call takes; call again. */
  has_more: z.boolean(),
  propagation,
});
export type BulkKeysAnswer = z.infer<typeof bulkKeysAnswer>;
export const keyPage = z.object({ data: z.array(key), next_cursor: z.string().nullable() });
export type KeyPage = z.infer<typeof keyPage>;

const held = z.object({ cost_usd: usdAmount, tokens: z.int() });
export const overviewMeter = z.object({
  period,
  cost_usd: usdAmount,
  tokens: z.int(),
  requests: z.int(),
  requests_last_minute: z.int(),
  held,
  remaining: z.object({ cost_usd: usdAmount.nullable(), tokens: z.int().nullable() }),
  blocked: z.array(dimension),
  resets_at: z.string().nullable(),
  as_of: z.string(),
});
export type OverviewMeter = z.infer<typeof overviewMeter>;

export const keyOverview = z.object({ key, meter: overviewMeter, history: z.array(historyEntry) });
export type KeyOverview = z.infer<typeof keyOverview>;
