import type { Limits, ScopeKind } from '@tollgate/contracts/limits';
import { parseUsd } from '@tollgate/contracts/money';
import type { Period } from '../period.ts';

/** What was used: cost in picodollars, tokens, and attempts forwarded to a provider. */
export interface Totals {
  readonly cost: bigint;
  readonly tokens: bigint;
  readonly requests: bigint;
}

export const NO_USE: Totals = { cost: 0n, tokens: 0n, requests: 0n };

/** What metering counts against; requests per minute are the gateway's. */
export const COUNTED_DIMENSIONS = ['cost_usd', 'tokens'] as const;
export type CountedDimension = (typeof COUNTED_DIMENSIONS)[number];

/** Cost in picodollars; `null` is unlimited. */
export interface CountedLimits {
  readonly cost: bigint | null;
  readonly tokens: bigint | null;
}

/** What a scope has used in one period and generation, against its limits of one revision. */
export interface ScopeMeter {
  readonly scope: ScopeKind;
  readonly scopeId: string;
  readonly period: Period;
  readonly generation: number;
  /** 0 until metering has heard of the scope's limits. */
  readonly limitRevision: number;
  readonly limits: CountedLimits;
  readonly used: Totals;
}

export const countedLimits = ({ cost_usd, tokens }: Pick<Limits, 'cost_usd' | 'tokens'>): CountedLimits => ({
  cost: cost_usd === null ? null : parseUsd(cost_usd),
  tokens: tokens === null ? null : BigInt(tokens),
});

/** Use and limit of one dimension, in its own unit. */
export const gauge = (used: Totals, limits: CountedLimits, dimension: CountedDimension) =>
  dimension === 'cost_usd'
    ? { used: used.cost, limit: limits.cost }
    : { used: used.tokens, limit: limits.tokens };

/** Whether use has come to `percent` of a limit: at 100 the limit is reached, which is used ≥ limit. */
export const hasReached = (used: bigint, limit: bigint | null, percent: number): boolean =>
  limit !== null && used * 100n >= limit * BigInt(percent);

/** The dimensions whose limit is reached. */
export const blockedDimensions = (used: Totals, limits: CountedLimits): CountedDimension[] =>
  COUNTED_DIMENSIONS.filter((dimension) => {
    const { used: amount, limit } = gauge(used, limits, dimension);
    return hasReached(amount, limit, 100);
  });

export const plus = (a: Totals, b: Totals): Totals => ({
  cost: a.cost + b.cost,
  tokens: a.tokens + b.tokens,
  requests: a.requests + b.requests,
});

export const minus = (a: Totals, b: Totals): Totals => ({
  cost: a.cost - b.cost,
  tokens: a.tokens - b.tokens,
  requests: a.requests - b.requests,
});
