import fc from 'fast-check';
import { periodAt, type Recurrence } from '../period.ts';
import { foldUsage, type UsageFact } from './fold.ts';
import { type QuarterHour, totalsOfQuarters } from './quarter-hours.ts';

const QUARTER_MS = 900_000;
const NOON = Date.parse('2026-11-23T12:00:00.000Z');
const used = (tokens: bigint) => ({ cost: 0n, tokens, requests: 1n });

it('every zone’s days begin on a quarter of an hour', () => {
  const from = Date.parse('2025-01-01T00:00:00Z');
  for (const timezone of Intl.supportedValuesOf('timeZone')) {
    for (let ms = from; ms < from + 400 * 86_400_000; ms += 25 * 86_400_000) {
      const { startMs, endMs } = periodAt(ms, 'daily', timezone);
      expect([timezone, startMs! % QUARTER_MS, endMs! % QUARTER_MS]).toEqual([timezone, 0, 0]);
    }
  }
});

const recurrence: fc.Arbitrary<Recurrence> = fc.record({
  resetPeriod: fc.constantFrom(
    'never' as const,
    'daily' as const,
    'weekly' as const,
    'monthly' as const,
    'yearly' as const,
  ),
  timezone: fc.constantFrom(
    'UTC',
    'America/New_York',
    'Asia/Kathmandu',
    'Pacific/Apia',
    'Australia/Lord_Howe',
  ),
});
const fact: fc.Arbitrary<UsageFact> = fc.record({
  keyId: fc.constant('key_a'),
  teamId: fc.constant('team_a'),
  organizationId: fc.constant('org_default'),
  admittedAtMs: fc.integer({ min: NOON - 400 * 86_400_000, max: NOON }),
  generations: fc.record({ key: fc.nat(2), team: fc.nat(2), organization: fc.nat(2) }),
  cost: fc.option(fc.bigInt({ min: 0n, max: 10n ** 25n })),
  tokens: fc.bigInt({ min: 0n, max: 2n ** 60n }),
});

it('quarters add up to what the records fold to, in any zone and period', () => {
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 40 }), recurrence, (facts, recurs) => {
      const quarters = facts.map(
        ({ generations, admittedAtMs, cost, tokens }): QuarterHour => ({
          generation: generations.key,
          startMs: Math.floor(admittedAtMs / QUARTER_MS) * QUARTER_MS,
          used: { cost: cost ?? 0n, tokens, requests: 1n },
        }),
      );
      const folded = foldUsage(facts, () => recurs)
        .filter(({ scope }) => scope === 'key')
        .map(({ generation, period, added }) => ({ generation, period, used: added }));
      expect(totalsOfQuarters(quarters, recurs)).toEqual(folded);
    }),
  );
});

describe('what was used before the quarters', () => {
  const opening = [
    { generation: 0, period: periodAt(NOON, 'monthly', 'UTC'), used: used(5n) },
    { generation: 0, period: periodAt(NOON - 40 * 86_400_000, 'monthly', 'UTC'), used: used(7n) },
  ];
  const quarters = [{ generation: 0, startMs: NOON, used: used(1n) }];

  it('joins the period of the same id, and stands by itself otherwise', () => {
    const totals = totalsOfQuarters(quarters, { resetPeriod: 'monthly', timezone: 'UTC' }, opening);
    expect(totals.map(({ period, used: { tokens } }) => [period.id, tokens])).toEqual([
      ['2026-11', 6n],
      ['2026-10', 7n],
    ]);
  });

  it('is all one where the scope has no periods', () => {
    const [all, ...rest] = totalsOfQuarters(quarters, { resetPeriod: 'never', timezone: 'UTC' }, opening);
    expect([all?.period.id, all?.used.tokens, rest]).toEqual(['all', 13n, []]);
  });
});
