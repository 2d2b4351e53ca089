import fc from 'fast-check';
import { periodAt } from '../period.ts';
import { type Crossing, crossingId, crossings, resetId, WARNING_THRESHOLDS } from './breach.ts';
import { foldUsage, type UsageDelta, type UsageFact } from './fold.ts';
import { blockedDimensions, type CountedLimits, countedLimits, NO_USE, type Totals } from './meter.ts';

const NOON = Date.parse('2026-11-23T12:00:00Z');

const totals = (cost: bigint, tokens: bigint): Totals => ({ cost, tokens, requests: 1n });
const fact = fc.record({
  keyId: fc.constantFrom('key_a', 'key_b', 'key_c'),
  teamId: fc.constantFrom('team_a', 'team_b'),
  organizationId: fc.constant('org_default'),
  admittedAtMs: fc.integer({ min: NOON - 3 * 86_400_000, max: NOON }),
  generations: fc.record({ key: fc.nat(2), team: fc.constant(0), organization: fc.constant(0) }),
  cost: fc.option(fc.bigInt({ min: 0n, max: 10n ** 18n })),
  tokens: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
}) satisfies fc.Arbitrary<UsageFact>;
const daily = (scopeId: string) =>
  scopeId === 'key_a' ? ({ resetPeriod: 'daily', timezone: 'America/New_York' } as const) : undefined;

/** Sums deltas as the table of totals does. */
function added(deltas: readonly UsageDelta[]): Record<string, string> {
  const sums = new Map<string, Totals>();
  for (const { scopeId, generation, period, added: a } of deltas) {
    const at = `${scopeId}/${generation}/${period.id}`;
    const b = sums.get(at) ?? NO_USE;
    sums.set(at, { cost: a.cost + b.cost, tokens: a.tokens + b.tokens, requests: a.requests + b.requests });
  }
  return Object.fromEntries(
    [...sums].sort().map(([at, { cost, tokens, requests }]) => [at, `${cost} ${tokens} ${requests}`]),
  );
}

describe('foldUsage', () => {
  it('gives the same totals for any order and any split into batches', () => {
    fc.assert(
      fc.property(
        fc.array(fact, { maxLength: 40 }),
        fc.array(fc.nat(39)),
        fc.func(fc.nat()),
        (facts, cuts, rank) => {
          const shuffled = facts
            .map((f, i) => [rank(i), f] as const)
            .sort(([a], [b]) => a - b)
            .map(([, f]) => f);
          const bounds = [
            0,
            ...cuts.map((c) => Math.min(c, facts.length)).sort((a, b) => a - b),
            facts.length,
          ];
          const batches = bounds.slice(1).map((end, i) => shuffled.slice(bounds[i], end));
          expect(added(batches.flatMap((batch) => foldUsage(batch, daily)))).toEqual(
            added(foldUsage(facts, daily)),
          );
        },
      ),
    );
  });

  it('counts a record on its key, team and organization, in its own period and generation', () => {
    const generations = { key: 3, team: 1, organization: 0 };
    const yesterday = NOON - 86_400_000;
    const record = { organizationId: 'org_default', generations, cost: null, tokens: 7n };
    const deltas = foldUsage(
      [
        { ...record, keyId: 'key_a', teamId: 'team_a', admittedAtMs: NOON },
        { ...record, keyId: 'key_a', teamId: 'team_a', admittedAtMs: yesterday, cost: 5n },
      ],
      daily,
    );
    expect(added(deltas)).toEqual({
      'key_a/3/2026-11-22': '5 7 1',
      'key_a/3/2026-11-23': '0 7 1',
      'org_default/0/all': '5 14 2',
      'team_a/1/all': '5 14 2',
    });
  });

  it('keeps sums above 2^53 exact', () => {
    const huge = 2n ** 53n - 1n;
    const record = {
      keyId: 'key_b',
      teamId: 'team_a',
      organizationId: 'org_default',
      admittedAtMs: NOON,
      generations: { key: 0, team: 0, organization: 0 },
      cost: huge,
      tokens: huge,
    };
    const [delta] = foldUsage([record, record, record], daily);
    expect(delta!.added).toEqual({ cost: huge * 3n, tokens: huge * 3n, requests: 3n });
  });
});

const amount = fc.bigInt({ min: 0n, max: 10n ** 20n });
const limitsOf = fc.record({
  cost: fc.option(fc.bigInt({ min: 1n, max: 10n ** 20n })),
  tokens: fc.option(fc.bigInt({ min: 1n, max: 10n ** 20n })),
}) satisfies fc.Arbitrary<CountedLimits>;

describe('blockedDimensions', () => {
  it('blocks a dimension exactly when used ≥ limit', () => {
    fc.assert(
      fc.property(amount, amount, limitsOf, fc.boolean(), (cost, tokens, limits, onLimit) => {
        const used = totals(onLimit && limits.cost !== null ? limits.cost : cost, tokens);
        const blocked = blockedDimensions(used, limits);
        expect(blocked.includes('cost_usd')).toBe(limits.cost !== null && used.cost >= limits.cost);
        expect(blocked.includes('tokens')).toBe(limits.tokens !== null && used.tokens >= limits.tokens);
      }),
    );
  });

  it('reads limits as contracts write them', () => {
    expect(countedLimits({ cost_usd: '12.50', tokens: 1000 })).toEqual({
      cost: 12_500_000_000_000n,
      tokens: 1000n,
    });
    expect(countedLimits({ cost_usd: null, tokens: null })).toEqual({ cost: null, tokens: null });
  });
});

describe('crossings', () => {
  const limits = { cost: null, tokens: 1000n };
  const step = (before: bigint, after: bigint) =>
    crossings(totals(0n, before), { used: totals(0n, after), limits }).map((c) =>
      c.kind === 'warned' ? c.threshold : c.kind,
    );

  it('warns at each threshold passed and tells of a breach where the limit became reached', () => {
    expect(step(0n, 499n)).toEqual([]);
    expect(step(499n, 500n)).toEqual([50]);
    expect(step(500n, 960n)).toEqual([80, 95]);
    expect(step(999n, 1000n)).toEqual([100, 'breached']);
    expect(step(1000n, 5000n)).toEqual([]);
    expect(step(0n, 1000n)).toEqual([50, 80, 95, 100, 'breached']);
  });

  it('yields everything that holds where the step before is not known', () => {
    expect(crossings(null, { used: totals(3n, 900n), limits: { cost: 3n, tokens: 1000n } })).toHaveLength(7);
    expect(crossings(null, { used: totals(3n, 900n), limits: { cost: null, tokens: null } })).toEqual([]);
  });

  it('yields each crossing once, however the same use is split into steps', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 400n }), { maxLength: 12 }), (amounts) => {
        const found: Crossing[] = [];
        let used = 0n;
        for (const a of amounts) {
          found.push(...crossings(totals(0n, used), { used: totals(0n, used + a), limits }));
          used += a;
        }
        expect(found).toEqual(crossings(NO_USE, { used: totals(0n, used), limits }));
      }),
    );
  });

  it('has ids that differ exactly where scope, period, generation, revision or crossing do', () => {
    const meter = {
      scopeId: 'key_a',
      period: periodAt(NOON, 'monthly', 'UTC'),
      generation: 2,
      limitRevision: 4,
    };
    const all: Crossing[] = crossings(null, { used: totals(1n, 1n), limits: { cost: 1n, tokens: 1n } });
    const ids = [
      ...all.map((c) => crossingId(meter, c)),
      ...all.map((c) => crossingId({ ...meter, limitRevision: 5 }, c)),
      ...all.map((c) => crossingId({ ...meter, generation: 3 }, c)),
      ...all.map((c) => crossingId({ ...meter, period: periodAt(NOON, 'daily', 'UTC') }, c)),
      resetId(meter),
    ];
    expect(new Set(ids).size).toBe(4 * 2 * (WARNING_THRESHOLDS.length + 1) + 1);
    expect(ids[0]).toBe('key_a/2026-11/g2/r4/cost_usd/warned/50');
    expect(resetId(meter)).toBe('key_a/2026-11/g2/reset');
  });
});
