import { DIMENSIONS, type Dimension } from '@tollgate/contracts/limits';
import { type Demand, fitOutput, type Grant } from './fit-output.ts';
import type { Held } from './holds.ts';
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

/**
 * Decides under hard enforcement: settled, pending and held use and the attempt's own upper bound stay within
 * every limit together. An attempt that would not fit is granted less output, and refused where none fits.
 */
export function admitHard(
  allowed: Allowed,
  used: Used,
  held: Held,
  inWindow: number,
  demand: Demand,
): { readonly grant: Grant } | { readonly refusal: Refusal } {
  const refusal = admit(allowed, used, inWindow);
  if (refusal) return { refusal };
  const { costPicodollars: costLimit, tokens: tokenLimit } = allowed;
  const fit = fitOutput(demand, {
    costPicodollars: costLimit === null ? null : costLimit - used.costPicodollars - held.costPicodollars,
    tokens: tokenLimit === null ? null : tokenLimit - used.tokens - held.tokens,
  });
  if ('grant' in fit) return fit;
  return fit.tooSmall === 'cost_usd'
    ? { refusal: { dimension: 'cost_usd', limit: costLimit ?? 0n, used: used.costPicodollars } }
    : { refusal: { dimension: 'tokens', limit: tokenLimit ?? 0, used: used.tokens } };
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
