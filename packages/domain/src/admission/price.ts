import type { TokenCounts } from '@tollgate/contracts/events';

/** Picodollars per token of each class. */
export interface TokenRates {
  readonly input: bigint;
  readonly inputAudio: bigint;
  readonly cachedInput: bigint;
  readonly cacheWrite: bigint;
  readonly cacheWrite1h: bigint;
  readonly output: bigint;
  readonly outputAudio: bigint;
  readonly reasoning: bigint;
}

/** Rates for requests whose whole input, cached or not, has at least so many tokens. */
export interface PriceTier extends TokenRates {
  readonly fromInputTokens: number;
}

/** What a model costs. */
export interface ModelPrice {
  /** By rising `fromInputTokens`, which is 0 in the first. All tokens of a request have the rates of its tier. */
  readonly tiers: readonly [PriceTier, ...PriceTier[]];
  /** Picodollars for each request that used any token, beside its tokens. */
  readonly perRequest: bigint;
  readonly maxOutputTokens: number | null;
  /** Tokens that input and output may have together. */
  readonly contextWindow: number | null;
}

/** A tier of which only some rates are known: a class without its own has that of the class it is a part of. */
export function priceTier(
  fromInputTokens: number,
  rates: Partial<TokenRates> & Pick<TokenRates, 'input' | 'output'>,
): PriceTier {
  const { input, output, inputAudio = input, outputAudio = output, reasoning = output } = rates;
  const { cachedInput = input, cacheWrite = input, cacheWrite1h = cacheWrite } = rates;
  const inputs = { input, inputAudio, cachedInput, cacheWrite, cacheWrite1h };
  return { fromInputTokens, ...inputs, output, outputAudio, reasoning };
}

/**
 * The cost of an attempt in picodollars: a sum of products of integers, so exact.
 * @param tokens in disjoint classes; no part is larger than its class
 */
export function costOf(tokens: TokenCounts, price: ModelPrice): bigint {
  if (tokens.total === 0) return 0n;
  const rates = tierOf(tokens, price.tiers);
  const { cache_write_1h: hour = 0, input_audio: heard = 0, output_audio: spoken = 0, reasoning } = tokens;
  return (
    price.perRequest +
    BigInt(tokens.input - heard) * rates.input +
    BigInt(heard) * rates.inputAudio +
    BigInt(tokens.cached_input) * rates.cachedInput +
    BigInt(tokens.cache_write - hour) * rates.cacheWrite +
    BigInt(hour) * rates.cacheWrite1h +
    BigInt(tokens.output - spoken - reasoning) * rates.output +
    BigInt(spoken) * rates.outputAudio +
    BigInt(reasoning) * rates.reasoning
  );
}

/** Upper bounds, in picodollars, on a token of input, a token of output, and a request beside its tokens. */
export interface DearestPrice {
  readonly input: bigint;
  readonly output: bigint;
  readonly perRequest: bigint;
}

const known = new WeakMap<ModelPrice, DearestPrice>();

/** The dearest class and tier of a price: what is held while the usage is not known. Found once for each price. */
export function dearest(price: ModelPrice): DearestPrice {
  let found = known.get(price);
  if (!found) {
    found = findDearest(price);
    known.set(price, found);
  }
  return found;
}

function findDearest({ tiers, perRequest }: ModelPrice): DearestPrice {
  const input = tiers.flatMap((tier) => [
    tier.input,
    tier.inputAudio,
    tier.cachedInput,
    tier.cacheWrite,
    tier.cacheWrite1h,
  ]);
  const output = tiers.flatMap((tier) => [tier.output, tier.outputAudio, tier.reasoning]);
  return { input: greatest(input), output: greatest(output), perRequest };
}

function greatest(rates: readonly bigint[]): bigint {
  let most = 0n;
  for (const rate of rates) if (rate > most) most = rate;
  return most;
}

function tierOf(tokens: TokenCounts, tiers: ModelPrice['tiers']): PriceTier {
  let chosen = tiers[0];
  if (tiers.length === 1) return chosen;
  const size = tokens.input + tokens.cached_input + tokens.cache_write;
  for (const tier of tiers) if (tier.fromInputTokens <= size) chosen = tier;
  return chosen;
}
