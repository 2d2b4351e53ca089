import type { OverviewMeter } from '@tollgate/contracts/admin-http';
import type { Dimension, Limits } from '@tollgate/contracts/limits';
import { percentOfUsd } from '../figures/money.ts';

/** How much of each limit is used, in percent; `null` where there is no limit or no figure yet. */
export type Shares = Record<Dimension, number | null>;

const ofCount = (used: number, limit: number | null) => (limit === null ? null : (used / limit) * 100);

export function sharesOf(limits: Limits, meter: OverviewMeter | undefined): Shares {
  if (meter === undefined) return { cost_usd: null, tokens: null, requests_per_minute: null };
  return {
    cost_usd: limits.cost_usd === null ? null : percentOfUsd(meter.cost_usd, limits.cost_usd),
    tokens: ofCount(meter.tokens, limits.tokens),
    requests_per_minute: ofCount(meter.requests_last_minute, limits.requests_per_minute),
  };
}
