import type { TokenCounts } from '@tollgate/contracts/events';

/** Picodollars per token of each class, for requests whose input is at least `fromInputTokens`. */
export interface PriceTier {
  readonly fromInputTokens: number;
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly cacheWrite: bigint;
  readonly output: bigint;
}

/** What a model costs. */
export interface ModelPrice {
  /** By rising `fromInputTokens`; the first is 0. All tokens of a request have the price of its tier. */
  readonly tiers: readonly [PriceTier, ...PriceTier[]];
  /** Picodollars for each request that used anything, beside its tokens. */
  readonly perRequest: bigint;
  readonly maxOutputTokens: number | null;
  /** Tokens that input and output may have together. */
  readonly contextWindow: number | null;
}

/**
 * The cost of an attempt in picodollars: a sum of products of integers, so exact. Its tier is that of its whole input,
 * cached or not. Reasoning is priced as output.
 */
export function costOf(tokens: TokenCounts, price: ModelPrice): bigint {
  if (tokens.total === 0) return 0n;
  const { input, cachedInput, cacheWrite, output } = tierOf(tokens, price);
  return (
    price.perRequest +
    BigInt(tokens.input) * input +
    BigInt(tokens.cached_input) * cachedInput +
    BigInt(tokens.cache_write) * cacheWrite +
    BigInt(tokens.output) * output
  );
}

/** Upper bounds, in picodollars, on what a token of input or output, and a request beside them, may cost. */
export interface DearestPrice {
  readonly input: bigint;
  readonly output: bigint;
  readonly perRequest: bigint;
}

/** The dearest class and tier of a price, for what is held before the usage is known. */
export function dearest(price: ModelPrice): DearestPrice {
  let input = 0n;
  let output = 0n;
  for (const tier of price.tiers) {
    for (const each of [tier.input, tier.cachedInput, tier.cacheWrite]) if (each > input) input = each;
    if (tier.output > output) output = tier.output;
  }
  return { input, output, perRequest: price.perRequest };
}

function tierOf(tokens: TokenCounts, { tiers }: ModelPrice): PriceTier {
  const size = tokens.input + tokens.cached_input + tokens.cache_write;
  let chosen = tiers[0];
  for (const tier of tiers) if (tier.fromInputTokens <= size) chosen = tier;
  return chosen;
}
