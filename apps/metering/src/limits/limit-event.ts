import type { LimitEvent } from '@tollgate/contracts/events';
import { formatUsd } from '@tollgate/contracts/money';
import { blockedDimensions, type ScopeMeter } from '@tollgate/domain/metering/meter';
import { toPeriodData } from '@tollgate/domain/period';

export type Reason = LimitEvent['reason'];

/** The largest amounts that contracts can carry; beyond them what counts is that a limit is reached. */
const MOST_PICODOLLARS = 10n ** 30n - 1n;
const MOST_TOKENS = BigInt(Number.MAX_SAFE_INTEGER);
const atMost = (amount: bigint, most: bigint) => (amount > most ? most : amount);

export const toUsd = (picodollars: bigint) => formatUsd(atMost(picodollars, MOST_PICODOLLARS));
export const toCount = (amount: bigint) => Number(atMost(amount, MOST_TOKENS));

/** A meter as the contracts write it; the caller adds what happened to it. */
export function toLimitEvent(meter: ScopeMeter, reason: Reason, sequence: number): LimitEvent {
  const { limits, used } = meter;
  const period = toPeriodData(meter.period);
  return {
    scope: meter.scope,
    scope_id: meter.scopeId,
    period,
    generation: meter.generation,
    limit_revision: meter.limitRevision,
    limit: {
      cost_usd: limits.cost === null ? null : toUsd(limits.cost),
      tokens: limits.tokens === null ? null : toCount(limits.tokens),
    },
    used: { cost_usd: toUsd(used.cost), tokens: toCount(used.tokens), requests: toCount(used.requests) },
    blocked: blockedDimensions(used, limits),
    resets_at: period.end,
    reason,
    sequence,
  };
}
