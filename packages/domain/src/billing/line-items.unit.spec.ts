import fc from 'fast-check';
import { type BillableFact, foldItems, HOUR_MS, hourOf, type ItemDelta, plus } from './line-items.ts';

const tokens = (total: bigint) => ({
  input: total,
  cachedInput: 0n,
  cacheWrite: 0n,
  output: 0n,
  reasoning: 0n,
  total,
});
const fact = fc
  .record({
    hour: fc.integer({ min: 0, max: 3 }),
    within: fc.integer({ min: 0, max: HOUR_MS - 1 }),
    keyId: fc.constantFrom('key_a', 'key_b'),
    model: fc.constantFrom('a', 'b'),
    kind: fc.constantFrom('usage' as const, 'adjustment' as const),
    total: fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }),
    cost: fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }),
  })
  .map(
    ({ hour, within, keyId, model, kind, total, cost }): BillableFact => ({
      line: { teamId: 'team', keyId, provider: 'fake', model, kind },
      admittedAtMs: hour * HOUR_MS + within,
      sums: { requests: 1n, unpriced: 0n, tokens: tokens(total), cost },
    }),
  );

it('an hour begins with its first millisecond and ends before the next one, before 1970 too', () => {
  expect([0, 1, HOUR_MS - 1, HOUR_MS, -1].map(hourOf)).toEqual([0, 0, 0, HOUR_MS, -HOUR_MS]);
  expect(hourOf(Date.parse('2026-11-23T12:59:59.999Z'))).toBe(Date.parse('2026-11-23T12:00:00Z'));
});

it('comes to the same lines in any order and any split, and loses nothing of the sums', () => {
  const written = (deltas: readonly ItemDelta[]) =>
    deltas
      .map(
        ({ hourMs, line, added }) => `${hourMs} ${JSON.stringify(line)} ${added.tokens.total} ${added.cost}`,
      )
      .sort();
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 40 }), fc.nat(40), (facts, at) => {
      const whole = foldItems(facts);
      const parts = [...foldItems(facts.slice(0, at)), ...foldItems(facts.slice(at).reverse())];
      const joined = foldItems(
        parts.map(({ hourMs, line, added }) => ({ line, admittedAtMs: hourMs, sums: added })),
      );
      expect(written(joined)).toEqual(written(whole));
      const sum = (all: readonly { cost: bigint }[]) => all.reduce((cost, each) => cost + each.cost, 0n);
      expect(sum(whole.map(({ added }) => added))).toBe(sum(facts.map(({ sums }) => sums)));
    }),
  );
});

it('tells lines apart whose names run into one another', () => {
  const of = (provider: string, model: string): BillableFact => ({
    line: { teamId: 't', keyId: 'k', provider, model, kind: 'usage' },
    admittedAtMs: 0,
    sums: { requests: 1n, unpriced: 0n, tokens: tokens(1n), cost: 1n },
  });
  expect(foldItems([of('a', 'b","c'), of('a","b', 'c'), of('a', 'b","c')])).toHaveLength(2);
  expect(plus(of('a', 'b').sums, of('a', 'b').sums).tokens.input).toBe(2n);
});
