import type { TokenCounts } from '@tollgate/contracts/events';
import { formatUsd, parseUsd } from '@tollgate/contracts/money';
import fc from 'fast-check';
import { costOf, dearest, type ModelPrice, type PriceTier, priceTier, type TokenRates } from './price.ts';

const perToken = (usdPerMillion: string) => parseUsd(usdPerMillion) / 1_000_000n;
const priced = (...tiers: [PriceTier, ...PriceTier[]]): ModelPrice => ({
  tiers,
  perRequest: 0n,
  maxOutputTokens: null,
  contextWindow: null,
});

describe('the cost of an attempt', () => {
  const tokens = {
    input: 1_000,
    cached_input: 500,
    cache_write: 0,
    output: 250,
    reasoning: 200,
    total: 1_750,
  };

  it('is exact: each class at its own price, reasoning within output', () => {
    const rates = { input: perToken('2.50'), cachedInput: perToken('1.25'), output: perToken('10') };
    expect(formatUsd(costOf(tokens, priced(priceTier(0, rates))))).toBe('0.005625');
  });

  it('stays exact where floating point would not: 9 007 199 254 740 993 picodollars and one more', () => {
    const price = priced(priceTier(0, { input: 9_007_199_254_740_993n, output: 1n }));
    const one = { input: 1, cached_input: 0, cache_write: 0, output: 1, reasoning: 0, total: 2 };
    expect(costOf(one, price)).toBe(9_007_199_254_740_994n);
  });

  it('takes the tier of the whole input, cached or not, for every token', () => {
    const price = priced(
      priceTier(0, { input: 3n, cachedInput: 1n, output: 15n }),
      priceTier(101, { input: 6n, cachedInput: 2n, output: 22n }),
    );
    const counts = { input: 60, cached_input: 30, cache_write: 10, output: 1, reasoning: 0, total: 101 };
    expect(costOf(counts, price)).toBe(60n * 3n + 30n * 1n + 10n * 3n + 15n);
    expect(costOf({ ...counts, input: 61, total: 102 }, price)).toBe(61n * 6n + 30n * 2n + 10n * 6n + 22n);
  });

  it('charges for a request only where it used anything', () => {
    const price = { ...priced(priceTier(0, { input: 1n, output: 1n })), perRequest: 5_000n };
    const none = { input: 0, cached_input: 0, cache_write: 0, output: 0, reasoning: 0, total: 0 };
    expect(costOf(none, price)).toBe(0n);
    expect(costOf({ ...none, input: 2, total: 2 }, price)).toBe(5_002n);
  });

  it('prices parts of a class by themselves, and once', () => {
    const rates = { input: 1n, inputAudio: 40n, cacheWrite: 5n, cacheWrite1h: 8n, output: 4n };
    const price = priced(priceTier(0, { ...rates, outputAudio: 80n, reasoning: 3n }));
    const counts = { input: 10, cached_input: 0, cache_write: 6, output: 20, reasoning: 5, total: 36 };
    const parts = { ...counts, input_audio: 2, cache_write_1h: 1, output_audio: 3 };
    expect(costOf(parts, price)).toBe(8n + 80n + 25n + 8n + 12n * 4n + 240n + 15n);
  });
});

describe('any price and any counts', () => {
  const rate = fc.bigInt({ min: 0n, max: 10n ** 12n });
  const rates: fc.Arbitrary<TokenRates> = fc.record({
    input: rate,
    inputAudio: rate,
    cachedInput: rate,
    cacheWrite: rate,
    cacheWrite1h: rate,
    output: rate,
    outputAudio: rate,
    reasoning: rate,
  });
  const price = fc
    .tuple(rates, fc.array(fc.tuple(fc.integer({ min: 1, max: 2_000 }), rates), { maxLength: 3 }), rate)
    .map(([first, more, perRequest]): ModelPrice => {
      const rest = more.sort(([a], [b]) => a - b).map(([from, each]) => priceTier(from, each));
      return { ...priced(priceTier(0, first), ...rest), perRequest };
    });
  const count = fc.integer({ min: 0, max: 1_000 });
  const parts = fc.record({
    text: count,
    heard: count,
    cached: count,
    minutes: count,
    hour: count,
    written: count,
    spoken: count,
    thought: count,
  });
  const countsOf = (p: typeof parts extends fc.Arbitrary<infer T> ? T : never): TokenCounts => {
    const counts = {
      input: p.text + p.heard,
      cached_input: p.cached,
      cache_write: p.minutes + p.hour,
      output: p.written + p.spoken + p.thought,
    };
    return {
      ...counts,
      reasoning: p.thought,
      total: counts.input + counts.cached_input + counts.cache_write + counts.output,
      input_audio: p.heard,
      cache_write_1h: p.hour,
      output_audio: p.spoken,
    };
  };

  it('cost what a sum over the single tokens says', () => {
    fc.assert(
      fc.property(parts, price, (p, of) => {
        const counts = countsOf(p);
        const size = counts.input + counts.cached_input + counts.cache_write;
        const tier = of.tiers.filter((each) => each.fromInputTokens <= size).at(-1)!;
        const singles: [number, bigint][] = [
          [p.text, tier.input],
          [p.heard, tier.inputAudio],
          [p.cached, tier.cachedInput],
          [p.minutes, tier.cacheWrite],
          [p.hour, tier.cacheWrite1h],
          [p.written, tier.output],
          [p.spoken, tier.outputAudio],
          [p.thought, tier.reasoning],
        ];
        let sum = counts.total > 0 ? of.perRequest : 0n;
        for (const [times, each] of singles) for (let i = 0; i < times; i += 1) sum += each;
        expect(costOf(counts, of)).toBe(sum);
      }),
      { numRuns: 50 },
    );
  });

  it('never cost more than the dearest classes and tier', () => {
    fc.assert(
      fc.property(parts, price, (p, of) => {
        const counts = countsOf(p);
        const most = dearest(of);
        const bound =
          most.perRequest +
          BigInt(counts.input + counts.cached_input + counts.cache_write) * most.input +
          BigInt(counts.output) * most.output;
        expect(costOf(counts, of) <= bound).toBe(true);
      }),
    );
  });

  it.each([
    ['input', ['input', 'inputAudio', 'cachedInput', 'cacheWrite', 'cacheWrite1h']],
    ['output', ['output', 'outputAudio', 'reasoning']],
  ] as const)('are bounded for %s by each class that may be the dearest', (side, classes) => {
    for (const each of classes) {
      const dear = { ...priceTier(0, { input: 1n, output: 1n }), [each]: 9n };
      expect(dearest(priced(dear))[side]).toBe(9n);
      expect(
        dearest(priced(priceTier(0, { input: 1n, output: 1n }), { ...dear, fromInputTokens: 5 }))[side],
      ).toBe(9n);
    }
  });

  it('never cost less for more tokens, where no tier is cheaper than the one before', () => {
    const keys = ['input', 'inputAudio', 'cachedInput', 'cacheWrite', 'cacheWrite1h'] as const;
    const outputs = ['output', 'outputAudio', 'reasoning'] as const;
    const rising = (of: ModelPrice): ModelPrice => {
      const [first, ...rest] = of.tiers;
      let before = first;
      const raised = rest.map((tier) => {
        const sums = [...keys, ...outputs].map((key) => [key, before[key] + tier[key]]);
        before = { ...tier, ...(Object.fromEntries(sums) as unknown as TokenRates) };
        return before;
      });
      return { ...of, tiers: [first, ...raised] };
    };
    fc.assert(
      fc.property(parts, parts, price, (p, more, of) => {
        const sum = Object.fromEntries(
          Object.entries(p).map(([key, value]) => [key, value + more[key as keyof typeof more]]),
        ) as typeof p;
        expect(costOf(countsOf(sum), rising(of)) >= costOf(countsOf(p), rising(of))).toBe(true);
      }),
    );
  });
});
