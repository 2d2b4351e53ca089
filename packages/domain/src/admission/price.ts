import type { TokenCounts } from '@tollgate/contracts/events';

/** What a model costs, in picodollars per token of each class. */
export interface ModelPrice {
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly cacheWrite: bigint;
  readonly output: bigint;
}

/** The cost of an attempt in picodollars: a sum of products of integers, so exact. Reasoning is priced as output. */
export const costOf = (tokens: TokenCounts, price: ModelPrice): bigint =>
  BigInt(tokens.input) * price.input +
  BigInt(tokens.cached_input) * price.cachedInput +
  BigInt(tokens.cache_write) * price.cacheWrite +
  BigInt(tokens.output) * price.output;
