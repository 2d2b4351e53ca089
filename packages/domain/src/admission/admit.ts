import { DIMENSIONS, type Dimension } from '@tollgate/contracts/limits';
import type { Used } from './pending-records.ts';

/** What a scope allows; `null` is unlimited. */
export interface Allowed {
  readonly costPicodollars: bigint | null;
  readonly tokens: number | null;
  readonly requestsPerMinute: number | null;
}

/** How a limited scope of a request stands. */
export interface Standing {
  readonly allowed: Allowed;
  readonly used: Used;
  /** Admissions in the last 60 s. */
  readonly inWindow: number;
}

/** A limit that is reached, with what was used of it. */
export interface Reached {
  readonly dimension: Dimension;
  readonly limit: bigint | number;
  readonly used: bigint | number;
}

/** Why a request is refused: a limit that is reached, and whose it is. */
export interface Refusal<S> extends Reached {
  readonly scope: S;
}

/**
 * Decides whether a limit is reached: when used ≥ limit. What is in flight counts nothing, so under soft enforcement,
 * where this decides alone, the request that crosses a limit completes.
 *
 * @param scopes those of the request that have limits: key, then team, then organization
 * @returns the first limit that is reached: requests/min of each, then cost, then tokens; `null` to admit
 */
export function admit<S extends Standing>(scopes: readonly S[]): Refusal<S> | null {
  for (const dimension of DIMENSIONS) {
    for (const scope of scopes) {
      const refusal = reached(dimension, scope);
      if (refusal) return { scope, ...refusal };
    }
  }
  return null;
}

/** The scope with least room; of several the first. `null` where none has such a limit. */
export function tightest<S, Room extends bigint | number>(
  scopes: readonly S[],
  roomOf: (scope: S) => Room | null,
): { readonly scope: S; readonly room: Room } | null {
  let least: { readonly scope: S; readonly room: Room } | null = null;
  for (const scope of scopes) {
    const room = roomOf(scope);
    if (room !== null && (least === null || room < least.room)) least = { scope, room };
  }
  return least;
}

/** Every limit of a scope that is reached. */
export const blockedDimensions = (scope: Standing): Dimension[] =>
  DIMENSIONS.filter((dimension) => reached(dimension, scope));

function reached(dimension: Dimension, { allowed, used, inWindow }: Standing): Reached | null {
  switch (dimension) {
    case 'requests_per_minute':
      return reachedIf(dimension, allowed.requestsPerMinute, inWindow);
    case 'cost_usd':
      return reachedIf(dimension, allowed.costPicodollars, used.costPicodollars);
    case 'tokens':
      return reachedIf(dimension, allowed.tokens, used.tokens);
  }
}

const reachedIf = <N extends bigint | number>(
  dimension: Dimension,
  limit: N | null,
  used: N,
): Reached | null => (limit !== null && used >= limit ? { dimension, limit, used } : null);
