import fc from 'fast-check';
import { type ModelPrice, priceTier } from '../admission/price.ts';
import { type RatedUsage, rerate } from './rerate.ts';

const price = (input: bigint, output: bigint): ModelPrice => ({
  tiers: [priceTier(0, { input, output })],
  perRequest: 0n,
  maxOutputTokens: null,
  contextWindow: null,
});
const usage = (fields: Partial<RatedUsage> = {}): RatedUsage => ({
  status: 'succeeded',
  tokens: { input: 10, cached_input: 0, cache_write: 0, output: 5, reasoning: 0, total: 15 },
  cost: 100n,
  rerated: 0n,
  ...fields,
});

describe('re-rating a record', () => {
  it('tells what it cost and what the price makes of its tokens', () => {
    expect(rerate(usage(), price(3n, 4n))).toEqual({ outcome: 'rated', was: 100n, is: 50n });
  });

  it('counts earlier re-ratings to what it cost', () => {
    expect(rerate(usage({ rerated: -50n }), price(3n, 4n))).toEqual({ outcome: 'rated', was: 50n, is: 50n });
  });

  it('rates what had no price', () => {
    expect(rerate(usage({ cost: null }), price(1n, 1n))).toEqual({ outcome: 'rated', was: 0n, is: 15n });
  });

  it('leaves what has no price, and what was held for an attempt that nobody saw end', () => {
    expect(rerate(usage(), null)).toEqual({ outcome: 'unpriced' });
    expect(rerate(usage({ status: 'orphaned' }), price(1n, 1n))).toEqual({ outcome: 'bound' });
  });

  it('comes to the last price whatever prices were applied before it', () => {
    const rate = fc.bigInt({ min: 0n, max: 10n ** 9n });
    const tokens = fc
      .record({ input: fc.nat(10 ** 6), output: fc.nat(10 ** 6) })
      .map(({ input, output }) => ({
        ...usage().tokens,
        input,
        output,
        total: input + output,
      }));
    const cost = fc.option(fc.bigInt({ min: 0n, max: 10n ** 18n }));
    fc.assert(
      fc.property(
        tokens,
        cost,
        fc.array(fc.tuple(rate, rate), { minLength: 1 }),
        (counts, recorded, prices) => {
          let rerated = 0n;
          for (const [input, output] of prices) {
            const result = rerate(usage({ tokens: counts, cost: recorded, rerated }), price(input, output));
            if (result.outcome === 'rated') rerated += result.is - result.was;
          }
          const [input, output] = prices.at(-1)!;
          const expected = BigInt(counts.input) * input + BigInt(counts.output) * output;
          expect((recorded ?? 0n) + rerated).toBe(expected);
        },
      ),
    );
  });
});
