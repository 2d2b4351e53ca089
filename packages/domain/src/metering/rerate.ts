import type { TokenCounts, UsageRecorded } from '@tollgate/contracts/events';
import { costOf, type ModelPrice } from '../admission/price.ts';

/** A record as it was rated; amounts in picodollars. */
export interface RatedUsage {
  readonly status: UsageRecorded['status'];
  readonly tokens: TokenCounts;
  /** What it was recorded with; `null` where its model had no price. */
  readonly cost: bigint | null;
  /** What earlier re-ratings added to that. */
  readonly rerated: bigint;
}

/** What a price makes of a record: what it costs with all re-ratings so far, and what it should. */
export type Rerating =
  | { readonly outcome: 'rated'; readonly was: bigint; readonly is: bigint }
  /** There is no price for it; what it costs stays. */
  | { readonly outcome: 'unpriced' }
  /** Nobody saw the attempt end: what was held for it is no product of tokens and prices, and stays. */
  | { readonly outcome: 'bound' };

/** Rates a record anew. Rated by the same price once more, it does not change. */
export function rerate({ status, tokens, cost, rerated }: RatedUsage, price: ModelPrice | null): Rerating {
  if (status === 'orphaned' && cost !== null) return { outcome: 'bound' };
  if (price === null) return { outcome: 'unpriced' };
  return { outcome: 'rated', was: (cost ?? 0n) + rerated, is: costOf(tokens, price) };
}
