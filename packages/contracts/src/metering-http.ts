import { z } from 'zod';
import { period } from './events.ts';
import { dimension, scopeKind } from './limits.ts';
import { usdAmount } from './money.ts';

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
