import { formatUsd, parseUsd } from '@tollgate/contracts/money';
import { costOf, type ModelPrice, type PriceTier } from './price.ts';

const tokens = { input: 1_000, cached_input: 500, cache_write: 0, output: 250, reasoning: 200, total: 1_750 };

const priced = (rates: Omit<PriceTier, 'fromInputTokens'>): ModelPrice => ({
  tiers: [{ fromInputTokens: 0, ...rates }],
  perRequest: 0n,
  maxOutputTokens: null,
  contextWindow: null,
});

describe('the cost of an attempt', () => {
  it('is exact: each class at its own price, reasoning within output', () => {
    const perToken = (usdPerMillion: string) => parseUsd(usdPerMillion) / 1_000_000n;
    const price = priced({
      input: perToken('2.50'),
      cachedInput: perToken('1.25'),
      cacheWrite: perToken('2.50'),
      output: perToken('10'),
    });
    expect(formatUsd(costOf(tokens, price))).toBe('0.005625');
  });

  it('stays exact where floating point would not: 3 × 10¹⁵ picodollars and one more', () => {
    const price = priced({
      input: 9_007_199_254_740_993n,
      cachedInput: 0n,
      cacheWrite: 0n,
      output: 1n,
    });
    const one = { input: 1, cached_input: 0, cache_write: 0, output: 1, reasoning: 0, total: 2 };
    expect(costOf(one, price)).toBe(9_007_199_254_740_994n);
  });
});
