import { WINDOW_MS } from '../admission/rolling-window.ts';
import type { Period } from '../period.ts';
import type { Holder } from './holder.ts';

/** Cost in picodollars, and tokens. */
export interface Amounts {
  readonly cost: bigint;
  readonly tokens: bigint;
}

export const NO_AMOUNTS: Amounts = { cost: 0n, tokens: 0n };

/**
 * What a gateway may use of a scope's cost and tokens in one period and generation, as metering keeps it. Amounts are
 * cumulative: what was granted in all, and of it what the records that name the allowance came to.
 *
 * held → returned (its gateway takes no more from it) → forgotten, once its records came to what was granted
 *   ↘ lost (charged to the scope in full; corrected by records that come all the same)
 */
export interface Allowance {
  readonly id: string;
  readonly holder: Holder;
  readonly period: Period;
  readonly generation: number;
  readonly granted: Amounts;
  /** Used and held, as its gateway last said. */
  readonly busy: Amounts;
  /** Of the records that name it. */
  readonly folded: Amounts;
  /** Charged to the scope and not yet corrected. */
  readonly charged: Amounts;
  readonly state: 'held' | 'returned' | 'lost';
  /** When its gateway last spoke of it, by metering's clock. */
  readonly heardMs: number;
}

/** Admissions in any 60 s that a gateway may make in a scope. */
export interface Share {
  readonly holder: Holder;
  readonly size: number;
  /** Admissions in the last 60 s, as its gateway last said. */
  readonly uses: number;
  readonly heardMs: number;
  /** By metering's clock, which is later than the gateway's word for it. */
  readonly expiresMs: number;
}

/** What metering knows of a scope when it decides. */
export interface ScopeBook {
  readonly limits: {
    readonly cost: bigint | null;
    readonly tokens: bigint | null;
    readonly requests: number | null;
  };
  /** Whether cost and tokens are given out; under soft enforcement only the window is. */
  readonly hard: boolean;
  readonly limitRevision: number;
  readonly generation: number;
  /** Use that was counted in the period that is asked about, in this generation. */
  readonly settled: Amounts;
  readonly allowances: readonly Allowance[];
  readonly shares: readonly Share[];
  /** When gateways were last asked for what they do not need. */
  readonly recalledMs: number | null;
}

/** What an allowance may still come to beyond what was counted of it: never less than nothing. */
export const outstanding = ({ granted, folded, state }: Allowance): Amounts =>
  state === 'lost'
    ? NO_AMOUNTS
    : { cost: positive(granted.cost - folded.cost), tokens: positive(granted.tokens - folded.tokens) };

/**
 * What the gateways may still come to in a period and generation. Periods that overlap count together: a scope whose
 * reset period changed has allowances of both, and their use falls in either.
 */
export function outstandingIn(allowances: readonly Allowance[], period: Period, generation: number): Amounts {
  let sum = NO_AMOUNTS;
  for (const allowance of allowances) {
    if (allowance.generation !== generation || !overlap(allowance.period, period)) continue;
    const { cost, tokens } = outstanding(allowance);
    sum = { cost: sum.cost + cost, tokens: sum.tokens + tokens };
  }
  return sum;
}

/** Nothing is admitted on a share after its end, so 60 s later nothing that was admitted on it counts. */
export const countsStill = ({ expiresMs }: Share, nowMs: number): boolean => nowMs < expiresMs + WINDOW_MS;

/** How many admissions of a window a gateway may have made, or may still make. */
export function takenUp(share: Share, nowMs: number): number {
  if (!countsStill(share, nowMs)) return 0;
  return nowMs < share.heardMs + WINDOW_MS ? Math.max(share.size, share.uses) : share.size;
}

/** What nobody will ever ask about again: returned, and used up by what was counted. */
export function isSettled(allowance: Allowance): boolean {
  const { cost, tokens } = outstanding(allowance);
  return allowance.state === 'returned' && cost === 0n && tokens === 0n;
}

const positive = (amount: bigint) => (amount > 0n ? amount : 0n);

export const overlap = (a: Period, b: Period): boolean =>
  (a.startMs ?? Number.NEGATIVE_INFINITY) < (b.endMs ?? Number.POSITIVE_INFINITY) &&
  (b.startMs ?? Number.NEGATIVE_INFINITY) < (a.endMs ?? Number.POSITIVE_INFINITY);
