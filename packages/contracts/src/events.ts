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

export const keyChanged = z.object({
  version: z.int().positive(),
  actor: z.string(),
  /** The fields that changed, with their new values; never a secret. */
  change: z.record(z.string(), z.unknown()),
  state: keyState,
});
export type KeyChanged = z.infer<typeof keyChanged>;

/** Disjoint classes; `reasoning` is a part of `output`; `total` = input + cached_input + cache_write + output. */
export const tokenCounts = z.object({
  input: count,
  cached_input: count,
  cache_write: count,
  output: count,
  reasoning: count,
  total: count,
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
  'tollgate.usage.recorded.v1': usageRecorded,
  'tollgate.access.denied.v1': accessDenied,
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
