import { DIMENSIONS, type Dimension } from '@tollgate/contracts/limits';
import type { Used } from './pending-records.ts';

/** What a scope allows; `null` is unlimited. */
export interface Allowed {
  readonly costPicodollars: bigint | null;
  readonly tokens: number | null;
  readonly requestsPerMinute: number | null;
}

/** A limit that is reached, with what was used of it. */
export interface Refusal {
  readonly dimension: Dimension;
  readonly limit: bigint | number;
  readonly used: bigint | number;
}

/**
 * Decides on one scope whether a request may go on, under soft enforcement: a limit is reached when
 * used ≥ limit, and what is in flight counts nothing, so the request that crosses a limit completes.
 *
 * @param inWindow admissions in the last 60 s
 * @returns the first limit that is reached, in the order requests/min, cost, tokens; `null` to admit
 */
export function admit(allowed: Allowed, used: Used, inWindow: number): Refusal | null {
  for (const dimension of DIMENSIONS) {
    const refusal = reached(dimension, allowed, used, inWindow);
    if (refusal) return refusal;
  }
  return null;
}

/** Every limit that is reached. */
export const blockedDimensions = (allowed: Allowed, used: Used, inWindow: number): Dimension[] =>
  DIMENSIONS.filter((dimension) => reached(dimension, allowed, used, inWindow));

function reached(dimension: Dimension, allowed: Allowed, used: Used, inWindow: number): Refusal | null {
  switch (dimension) {
    case 'requests_per_minute':
      return refusalIf(dimension, allowed.requestsPerMinute, inWindow);
    case 'cost_usd':
      return refusalIf(dimension, allowed.costPicodollars, used.costPicodollars);
    case 'tokens':
      return refusalIf(dimension, allowed.tokens, used.tokens);
  }
}

const refusalIf = <N extends bigint | number>(
  dimension: Dimension,
  limit: N | null,
  used: N,
): Refusal | null => (limit !== null && used >= limit ? { dimension, limit, used } : null);
