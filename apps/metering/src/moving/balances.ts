import { RESET_PERIODS } from '@tollgate/contracts/limits';
import { z } from 'zod';

const amount = z.string().regex(/^-?\d{1,38}$/);
const id = z.string().min(1).max(128);
const ms = z.int().nullable();
const count = z.int().nonnegative();

/** A key or team as metering knows it, until key-admin tells of it there. */
const scope = z.object({
  scope_id: id,
  scope: z.enum(['key', 'team']),
  team_id: z.string().nullable(),
  reset_period: z.enum(RESET_PERIODS),
  timezone: z.string(),
  generation: count,
});

/** What one scope has used in a period and generation; money in picodollars. */
const balance = z.object({
  scope_id: id,
  generation: count,
  period_id: z.string(),
  period_start_ms: ms,
  period_end_ms: ms,
  cost: amount,
  tokens: amount,
  requests: count,
  /** Its period or generation is over, and was told of. */
  closed: z.boolean(),
});

/** What a team and its keys have used, as it leaves a deployment. */
export const movedBalances = z.object({
  kind: z.literal('tollgate balances'),
  exported_at: z.string(),
  team_id: id,
  scopes: z.array(scope),
  balances: z.array(balance),
});
export type MovedBalances = z.infer<typeof movedBalances>;
