import { z } from 'zod';
import { period } from './events.ts';
import { instantInput } from './instant.ts';
import { dimension, scopeKind } from './limits.ts';
import { usdAmount } from './money.ts';
import { checkSpan, spanFields } from './span.ts';

/** A scope's meter as metering answers it: settled use of the current period and generation. */
export const meter = z.object({
  scope: scopeKind,
  scope_id: z.string(),
  period,
  generation: z.int(),
  limit_revision: z.int(),
  cost_usd: usdAmount,
  tokens: z.int(),
  requests: z.int(),
  blocked: z.array(dimension),
  resets_at: z.string().nullable(),
  as_of: z.string(),
});
export type Meter = z.infer<typeof meter>;

export const HISTORY_KINDS = ['limit.warned', 'limit.breached', 'limit.reset'] as const;
/** A warning, breach or reset of a scope, newest first. */
export const historyEntry = z.object({
  at: z.string(),
  kind: z.enum(HISTORY_KINDS),
  period_id: z.string(),
  generation: z.int(),
  dimension: dimension.nullable(),
  threshold: z.int().nullable(),
  used: z.object({ cost_usd: usdAmount, tokens: z.int(), requests: z.int() }),
  reason: z.string(),
});
export type HistoryEntry = z.infer<typeof historyEntry>;

export const meterAnswer = z.object({
  meter,
  history: z.array(historyEntry),
  last_used_at: z.string().nullable(),
});
export type MeterAnswer = z.infer<typeof meterAnswer>;
export const metersAnswer = z.object({ data: z.array(meterAnswer.omit({ history: true })) });
export type MetersAnswer = z.infer<typeof metersAnswer>;

export const USAGE_BUCKETS = ['minute', 'hour', 'day'] as const;
export type UsageBucket = (typeof USAGE_BUCKETS)[number];
export const USAGE_GROUPS = ['model', 'status', 'provider', 'key', 'team'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];
/** The longest span of a question, in days, so that an answer stays one that can be drawn. */
export const LONGEST_SPAN_DAYS: Readonly<Record<UsageBucket, number>> = { minute: 2, hour: 62, day: 800 };

export const MOST_USAGE_GROUPS = 100;
const TOP = `must be from 1 to ${MOST_USAGE_GROUPS}`;
/**
 * Usage of [from, to); without `to` until now, without `from` the 24 hours before `to`. Of a grouped question, the `top`
 * groups by cost in that time; the others are one group together.
 */
export const usageQuery = z
  .strictObject({
    ...spanFields,
    bucket: z.enum(USAGE_BUCKETS).default('hour'),
    group_by: z.enum(USAGE_GROUPS).optional(),
    top: z.coerce.number().int().min(1, TOP).max(MOST_USAGE_GROUPS, TOP).default(20),
  })
  .superRefine((query, ctx) => checkSpan(query, LONGEST_SPAN_DAYS[query.bucket], ctx));
export type UsageQuery = z.infer<typeof usageQuery>;

const used = {
  requests: z.int(),
  tokens: z.int(),
  /** Cached input and cache writes included. */
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: usdAmount,
  /** Requests of models that had no price; they add nothing to `cost_usd`. */
  unpriced_requests: z.int(),
};
/** Usage admitted in a bucket that begins at `start`; a day begins at midnight in the scope's time zone. */
export const usageEntry = z.object({
  start: z.string(),
  /** The model, status, provider, or id of the key or team, where the question is grouped; `null` is all the others. */
  group: z.string().nullable().optional(),
  ...used,
});
export type UsageSeriesEntry = z.infer<typeof usageEntry>;
/** What a group used in the whole of the time. */
export const usageGroup = z.object({
  group: z.string().nullable(),
  /** Of a key or team that there is. */
  name: z.string().nullable(),
  ...used,
});
export type UsageGroupEntry = z.infer<typeof usageGroup>;
/** Buckets with usage, oldest first; those without are left out. Groups are in order of cost, `null` is last. */
export const usageAnswer = z.object({
  from: z.string(),
  to: z.string(),
  timezone: z.string(),
  data: z.array(usageEntry),
  /** Where the question is grouped. */
  groups: z.array(usageGroup).optional(),
});
export type UsageAnswer = z.infer<typeof usageAnswer>;

const REQUESTS = 'must be from 1 to 200';
export const requestsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1, REQUESTS).max(200, REQUESTS).default(50),
  cursor: z.string().max(512).optional(),
});
export type RequestsQuery = z.infer<typeof requestsQuery>;

/** One attempt forwarded to a provider, as it was recorded; corrections are in the statement. */
export const requestEntry = z.object({
  /** Request id + attempt number: `req_…/1`. */
  id: z.string(),
  key_id: z.string(),
  admitted_at: z.string(),
  settled_at: z.string(),
  endpoint: z.string(),
  provider: z.string(),
  model: z.string(),
  status: z.string(),
  http_status: z.int().nullable(),
  streamed: z.boolean(),
  /** How well its tokens are known. */
  quality: z.string(),
  tokens: z.int(),
  /** Cached input and cache writes included. */
  input_tokens: z.int(),
  output_tokens: z.int(),
  /** `null` where the model had no price. */
  cost_usd: usdAmount.nullable(),
  latency_ms: z.number(),
  first_token_ms: z.number().nullable(),
  client_ip: z.string().nullable(),
});
export type RequestEntry = z.infer<typeof requestEntry>;
/** Newest first. */
export const requestsAnswer = z.object({ data: z.array(requestEntry), next_cursor: z.string().nullable() });
export type RequestsAnswer = z.infer<typeof requestsAnswer>;

export const MOST_STATEMENT_LINES = 1_000;
const LINES = `must be from 1 to ${MOST_STATEMENT_LINES}`;
/** The statement of the period that contains `at` (now), in a generation (the current one). */
export const statementQuery = z.strictObject({
  at: instantInput.optional(),
  generation: z.coerce.number().int().min(0, 'must be 0 or more').optional(),
  limit: z.coerce.number().int().min(1, LINES).max(MOST_STATEMENT_LINES, LINES).default(100),
  cursor: z.string().max(512).optional(),
});
export type StatementQuery = z.infer<typeof statementQuery>;

export const LEDGER_KINDS = ['usage', 'credit', 'rerating', 'reconciliation', 'lost'] as const;
export const amounts = z.object({ cost_usd: usdAmount, tokens: z.int(), requests: z.int() });
export type Amounts = z.infer<typeof amounts>;
export const statementLine = z.object({
  id: z.string(),
  kind: z.enum(LEDGER_KINDS),
  admitted_at: z.string(),
  /** When it came into the ledger. */
  recorded_at: z.string(),
  key_id: z.string(),
  provider: z.string(),
  model: z.string(),
  status: z.string(),
  /** `null` where the model had no price. */
  cost_usd: usdAmount.nullable(),
  tokens: z.int(),
  requests: z.int(),
  /** The record that a correction is about, and why it was made. */
  adjusts: z.string().nullable(),
  reason: z.string().nullable(),
  /** `opening` and all lines up to this one. */
  balance: amounts,
});
export type StatementLine = z.infer<typeof statementLine>;
/**
 * A page of the ledger's records behind a meter, oldest first. The balance of the last page's last line is `meter`,
 * to the last digit. `opening` is what was used in months that have left the ledger.
 */
export const statementAnswer = z.object({
  scope: scopeKind,
  scope_id: z.string(),
  period,
  generation: z.int(),
  opening: amounts,
  data: z.array(statementLine),
  meter: amounts,
  next_cursor: z.string().nullable(),
});
export type StatementAnswer = z.infer<typeof statementAnswer>;

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const EXPORT_MEDIA_TYPES = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
} as const;
export const LONGEST_EXPORT_DAYS = 800;
/** The ledger's records admitted in [from, to), as {@link usageQuery} has them. */
export const exportQuery = z
  .strictObject({ ...spanFields, format: z.enum(EXPORT_FORMATS).default('csv') })
  .superRefine((query, ctx) => checkSpan(query, LONGEST_EXPORT_DAYS, ctx));
export type ExportQuery = z.infer<typeof exportQuery>;
