import { z } from 'zod';
import { dimension, limits, scopeKind } from './limits.ts';
import { usdAmount } from './money.ts';

const instant = z.iso.datetime({ precision: 3 });
const count = z.int().nonnegative();

/** CloudEvents 1.0 attributes, carried as `ce_*` headers (Kafka binary mode). */
export interface CloudEvent<Data = unknown> {
  /** Unique, and deterministic where the same fact can be published again. */
  readonly id: string;
  /** `/key-admin`, `/gateway/<instance>` or `/metering`. */
  readonly source: string;
  readonly type: EventType;
  readonly time: string;
  /** The scope's id, which is also the record's key. */
  readonly subject: string;
  readonly data: Data;
}

/** A secret as gateways know it: which pepper digested it, and until when it opens the door. */
export const secretDigest = z.object({
  digest: z.string(),
  pepper: z.int().positive(),
  last_four: z.string(),
  /** RFC 3339; `null` for the current secret, set for one that a rotation replaced. */
  expires_at: instant.nullable(),
});
export type SecretDigest = z.infer<typeof secretDigest>;

/** All that a gateway needs to know of a key, and nothing that would let its reader use the key. */
export const keyState = z.object({
  id: z.string(),
  name: z.string(),
  team_id: z.string(),
  enabled: z.boolean(),
  revoked_at: instant.nullable(),
  expires_at: instant.nullable(),
  secrets: z.array(secretDigest),
  limits,
  limit_revision: z.int().positive(),
  /** Grows by one with every manual reset. */
  generation: count,
  metadata: z.record(z.string(), z.string()),
  /** Names and patterns with `*`, one of which a model must match; `null` is any model, as in records without it. */
  allowed_models: z.array(z.string()).nullable().default(null),
  /** Addresses and CIDRs, one of which a caller must come from; `null` is anywhere, as in records without it. */
  allowed_ips: z.array(z.string()).nullable().default(null),
});
export type KeyState = z.infer<typeof keyState>;

const changed = <State extends z.ZodType>(state: State) =>
  z.object({
    version: z.int().positive(),
    actor: z.string(),
    /** The fields that changed, with their new values; never a secret. */
    change: z.record(z.string(), z.unknown()),
    state,
  });

export const keyChanged = changed(keyState);
export type KeyChanged = z.infer<typeof keyChanged>;

/** What gateways and metering need to know of a team. */
export const teamState = z.object({
  id: z.string(),
  name: z.string(),
  limits,
  limit_revision: z.int().positive(),
  /** Grows by one with every manual reset. */
  generation: count,
  deleted_at: instant.nullable(),
});
export type TeamState = z.infer<typeof teamState>;

export const teamChanged = changed(teamState);
export type TeamChanged = z.infer<typeof teamChanged>;

/** Percents of a limit at which a warning is due, rising. */
export const warningThresholds = z
  .array(z.int('must be a whole number').min(1, 'must be from 1 to 100').max(100, 'must be from 1 to 100'))
  .max(10, 'must have at most 10 thresholds');

/** What gateways and metering need to know of the organization. */
export const organizationState = z.object({
  id: z.string(),
  name: z.string(),
  limits,
  limit_revision: z.int().positive(),
  generation: count,
  warning_thresholds: warningThresholds,
});
export type OrganizationState = z.infer<typeof organizationState>;

export const organizationChanged = changed(organizationState);
export type OrganizationChanged = z.infer<typeof organizationChanged>;

/** Disjoint classes of tokens; `reasoning` is a part of `output`; `total` = input + cached_input + cache_write + output. */
export const tokenCounts = z.object({
  input: count,
  cached_input: count,
  cache_write: count,
  output: count,
  reasoning: count,
  total: count,
  /** Parts of a class that some models price by themselves, where there were any. */
  cache_write_1h: count.optional(),
  input_audio: count.optional(),
  output_audio: count.optional(),
});
export type TokenCounts = z.infer<typeof tokenCounts>;

/** One attempt forwarded to a provider, recorded once. */
export const usageRecorded = z.object({
  /** Request id + attempt number: `req_…/1`. */
  id: z.string().min(1).max(128),
  key_id: z.string().min(1),
  team_id: z.string().min(1),
  gateway: z.string(),
  /** Grows by one with each record of a gateway instance. */
  sequence: count,
  endpoint: z.string(),
  provider: z.string(),
  model: z.string(),
  upstream_model: z.string(),
  status: z.enum(['succeeded', 'failed', 'aborted', 'orphaned']),
  http_status: z.int().nullable(),
  streamed: z.boolean(),
  /** Decides the period the usage belongs to, however late it settles. */
  admitted_at: instant,
  settled_at: instant,
  client_ip: z.string().nullable(),
  /** The generations of the three scopes at admission. */
  generations: z.object({ key: count, team: count, organization: count }),
  /** The allowances that it was admitted on, of the scopes whose cost and tokens are given out to gateways. */
  allowances: z
    .object({ key: z.string().optional(), team: z.string().optional(), organization: z.string().optional() })
    .optional(),
  tokens: tokenCounts,
  quality: z.enum(['exact', 'partial', 'estimated']),
  /** `null` where the model has no price. */
  cost_usd: usdAmount.nullable(),
  price_version: z.string().nullable(),
  latency_ms: z.number().nonnegative(),
  first_token_ms: z.number().nonnegative().nullable(),
  metadata: z.record(z.string(), z.string()),
});
export type UsageRecorded = z.infer<typeof usageRecorded>;

/** Why a record's figures were corrected afterwards. */
export const adjustmentKind = z.enum(['credit', 'rerating', 'reconciliation']);
export type AdjustmentKind = z.infer<typeof adjustmentKind>;

/** A correction: what it adds to the figures of the attempt, or the scope, that it corrects; never an edit. */
export const usageAdjusted = z.object({
  /** Unique; the same correction made again has the same id. */
  id: z.string().min(1).max(128),
  kind: adjustmentKind,
  /** The usage record that it corrects; `null` where it corrects a key's use as a whole. */
  adjusts: z.string().nullable(),
  key_id: z.string().min(1),
  team_id: z.string().min(1),
  /** Of the record that it corrects: the correction counts in the same period, closed or not. */
  admitted_at: instant,
  recorded_at: instant,
  generations: z.object({ key: count, team: count, organization: count }),
  provider: z.string(),
  model: z.string(),
  /** To add; may be negative. */
  tokens: z.int(),
  /** To add; may be negative. */
  cost_usd: usdAmount,
  price_version: z.string().nullable(),
  reason: z.string(),
  actor: z.string(),
});
export type UsageAdjusted = z.infer<typeof usageAdjusted>;

/** Refusals, counted per key, reason, minute and client address. */
export const accessDenied = z.object({
  key_id: z.string().nullable(),
  reason: z.string(),
  minute: instant,
  count: z.int().positive(),
  client_ip: z.string().nullable(),
});
export type AccessDenied = z.infer<typeof accessDenied>;

/** A half-open interval [start, end) of which cost and tokens are counted; `end` is `null` for `never`. */
export const period = z.object({ id: z.string(), start: instant.nullable(), end: instant.nullable() });
export type PeriodData = z.infer<typeof period>;

/** A scope's meter: what it used in its current period and generation. */
export const limitEvent = z.object({
  scope: scopeKind,
  scope_id: z.string(),
  period,
  generation: count,
  limit_revision: count,
  limit: z.object({ cost_usd: usdAmount.nullable(), tokens: z.int().nullable() }),
  dimension: dimension.optional(),
  /** Percent of the limit. */
  threshold: z.int().optional(),
  used: z.object({ cost_usd: usdAmount, tokens: count, requests: count }),
  blocked: z.array(dimension),
  resets_at: instant.nullable(),
  reason: z.enum(['usage', 'period', 'manual', 'limit_changed']),
  /** Grows by one with each event of a scope; a reader drops one it has passed. */
  sequence: z.int().positive(),
  /** Usage partition → next offset: every record before it is in `used`. */
  through: z.record(z.string(), z.string()).optional(),
  /** Grows by one when gateways are to give back what they do not need of the scope; absent where they never were. */
  recall: z.int().positive().optional(),
  /** Of the usage topic that `through` is about: grows by one when that is made anew. Absent: 0. */
  epoch: count.optional(),
});
export type LimitEvent = z.infer<typeof limitEvent>;

/** What a gateway instance has applied; an instance heard of within 5 s is live. */
export const gatewayReported = z.object({
  instance: z.string(),
  started_at: instant,
  /** Set in the last report of an instance that shuts down. */
  leaving: z.boolean(),
  /** Topic → partition → next offset to apply. */
  applied: z.object({
    keys: z.record(z.string(), z.string()),
    limits: z.record(z.string(), z.string()),
  }),
  /** Admissions in the last 60 s of the keys where that changed since the last report. */
  windows: z.record(z.string(), count),
});
export type GatewayReported = z.infer<typeof gatewayReported>;

/** Every event type with the schema of its data. Additive changes only; a breaking one is a new version. */
export const EVENTS = {
  'tollgate.key.created.v1': keyChanged,
  'tollgate.key.updated.v1': keyChanged,
  'tollgate.key.enabled.v1': keyChanged,
  'tollgate.key.disabled.v1': keyChanged,
  'tollgate.key.rotated.v1': keyChanged,
  'tollgate.key.reset.v1': keyChanged,
  'tollgate.key.revoked.v1': keyChanged,
  'tollgate.team.created.v1': teamChanged,
  'tollgate.team.updated.v1': teamChanged,
  'tollgate.team.reset.v1': teamChanged,
  'tollgate.team.deleted.v1': teamChanged,
  'tollgate.organization.updated.v1': organizationChanged,
  'tollgate.organization.reset.v1': organizationChanged,
  'tollgate.usage.recorded.v1': usageRecorded,
  'tollgate.access.denied.v1': accessDenied,
  'tollgate.usage.adjusted.v1': usageAdjusted,
  'tollgate.limit.metered.v1': limitEvent,
  'tollgate.limit.warned.v1': limitEvent,
  'tollgate.limit.breached.v1': limitEvent,
  'tollgate.limit.reset.v1': limitEvent,
  'tollgate.gateway.reported.v1': gatewayReported,
  'tollgate.heartbeat.v1': z.object({}),
} as const;
export type EventType = keyof typeof EVENTS;
export type EventData<T extends EventType> = z.infer<(typeof EVENTS)[T]>;

export const isEventType = (type: string): type is EventType => Object.hasOwn(EVENTS, type);
