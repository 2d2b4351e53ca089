import { execFileSync } from 'node:child_process';
import { RESET_PERIODS, type ResetPeriod } from '@tollgate/contracts/limits';
import fc from 'fast-check';
import { contains, knowsTimeZone, periodAt, periodsOf, toPeriodData } from './period.ts';

const at = (text: string) => Date.parse(text);
const HOUR = 3_600_000;
const ZONES = [
  'UTC',
  'America/New_York',
  'America/St_Johns', // until 2011 its clocks went back over midnight
  'America/Sao_Paulo', // its clocks went forward at midnight: days without 00:00
  'Africa/Casablanca', // clocks go back for Ramadan
  'Asia/Kathmandu', // +05:45
  'Australia/Lord_Howe', // half an hour of summer time
  'Pacific/Apia', // skipped 2011-12-30
  'Pacific/Kiritimati', // +14
];
const recurring = RESET_PERIODS.filter((period) => period !== 'never');

const instant = fc.integer({ min: at('1970-01-03T00:00:00Z'), max: at('2099-12-30T00:00:00Z') });
/** Within 2 ms of an hour's turn at a month's end, on leap days, or where clocks change. */
const edge = fc
  .tuple(
    fc.integer({ min: 1971, max: 2098 }),
    fc.integer({ min: 0, max: 11 }),
    fc.constantFrom(-1, 0, 7, 14, 28),
    fc.integer({ min: -15, max: 15 }),
    fc.integer({ min: -2, max: 2 }),
  )
  .map(([year, month, day, hours, ms]) => Date.UTC(year, month, 1 + day, hours, 0, 0, ms));
const anyPeriod = fc.record({
  instantMs: fc.oneof(instant, edge),
  resetPeriod: fc.constantFrom(...recurring),
  timezone: fc.constantFrom(...ZONES),
});

describe('periodAt', () => {
  it.each<[string, ResetPeriod, string, string, string, string]>([
    ['2026-11-23T10:00:00Z', 'daily', 'UTC', '2026-11-23', '2026-11-23T00:00:00Z', '2026-11-24T00:00:00Z'],
    ['2026-11-29T23:59:59.999Z', 'weekly', 'UTC', '2026-W48', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z'],
    ['2027-01-01T12:00:00Z', 'weekly', 'UTC', '2026-W53', '2026-12-28T00:00:00Z', '2027-01-04T00:00:00Z'],
    [
      '2026-11-30T23:30:00Z',
      'monthly',
      'Europe/Amsterdam',
      '2026-12',
      '2026-11-30T23:00:00Z',
      '2026-12-31T23:00:00Z',
    ],
    ['2028-02-29T12:00:00Z', 'monthly', 'UTC', '2028-02', '2028-02-01T00:00:00Z', '2028-03-01T00:00:00Z'],
    [
      '2026-06-01T00:00:00Z',
      'yearly',
      'Asia/Kathmandu',
      '2026',
      '2025-12-31T18:15:00Z',
      '2026-12-31T18:15:00Z',
    ],
  ])('%s, %s in %s is %s', (when, resetPeriod, timezone, id, start, end) => {
    expect(periodAt(at(when), resetPeriod, timezone)).toEqual({ id, startMs: at(start), endMs: at(end) });
  });

  it('never ends where limits never reset', () => {
    expect(periodAt(at('2026-11-23T10:00:00Z'), 'never', 'UTC')).toEqual({
      id: 'all',
      startMs: null,
      endMs: null,
    });
  });

  it.each([
    ['America/New_York', '2026-03-08T12:00:00Z', 23],
    ['America/New_York', '2026-11-01T12:00:00Z', 25],
    ['Australia/Lord_Howe', '2026-10-04T00:00:00Z', 23.5],
    ['America/Sao_Paulo', '2018-11-04T12:00:00Z', 23],
  ])('a day in %s around %s lasts %d h', (timezone, when, hours) => {
    const { startMs, endMs } = periodAt(at(when), 'daily', timezone);
    expect((endMs! - startMs!) / HOUR).toBe(hours);
  });

  it('has no period for a date that a zone skipped', () => {
    const last = periodAt(at('2011-12-30T09:59:59.999Z'), 'daily', 'Pacific/Apia');
    expect(last.id).toBe('2011-12-29');
    expect(periodAt(last.endMs!, 'daily', 'Pacific/Apia')).toMatchObject({
      id: '2011-12-31',
      startMs: last.endMs,
    });
  });

  it('does not return to a day that ended when clocks go back across its midnight', () => {
    // Newfoundland, 2006-10-29 00:01 → 23:01 on the 28th.
    const begun = periodAt(at('2006-10-29T02:30:30Z'), 'daily', 'America/St_Johns');
    const repeated = periodAt(at('2006-10-29T02:45:00Z'), 'daily', 'America/St_Johns');
    expect(begun.id).toBe('2006-10-29');
    expect(repeated).toEqual(begun);
  });

  it('is contiguous and disjoint in every zone, to the millisecond', () => {
    fc.assert(
      fc.property(anyPeriod, ({ instantMs, resetPeriod, timezone }) => {
        const period = periodAt(instantMs, resetPeriod, timezone);
        const { startMs, endMs } = period;
        expect(startMs).toBeLessThanOrEqual(instantMs);
        expect(endMs).toBeGreaterThan(instantMs);
        expect(periodAt(startMs!, resetPeriod, timezone)).toEqual(period);
        expect(periodAt(endMs! - 1, resetPeriod, timezone)).toEqual(period);
        const following = periodAt(endMs!, resetPeriod, timezone);
        expect(following.startMs).toBe(endMs);
        expect(following.id).not.toBe(period.id);
        expect(periodAt(startMs! - 1, resetPeriod, timezone).endMs).toBe(startMs);
      }),
      { numRuns: 1_500 },
    );
  });

  it('nests: days lie in one week, month and year of the same zone', () => {
    fc.assert(
      fc.property(anyPeriod, ({ instantMs, timezone }) => {
        const day = periodAt(instantMs, 'daily', timezone);
        for (const longer of ['weekly', 'monthly', 'yearly'] as const) {
          const period = periodAt(instantMs, longer, timezone);
          expect(contains(period, day.startMs!) && contains(period, day.endMs! - 1)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the time zone of the process', () => {
    const script = `
      import { periodAt } from '${new URL('../dist/period.js', import.meta.url).href}';
      const found = [];
      for (const zone of ${JSON.stringify(ZONES)})
        for (const period of ${JSON.stringify(recurring)})
          for (let ms = 0; ms < 60 * 86_400_000; ms += 7 * 3_600_000 + 1)
            found.push(periodAt(${at('2026-10-01T00:00:00Z')} + ms, period, zone));
      process.stdout.write(JSON.stringify(found));`;
    const inZone = (TZ: string) =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, TZ },
        maxBuffer: 1e8,
      });
    const inUtc = inZone('UTC');
    expect(inUtc.length).toBeGreaterThan(100_000);
    expect(inZone('Pacific/Apia').equals(inUtc)).toBe(true);
    expect(inZone('America/New_York').equals(inUtc)).toBe(true);
  });
});

describe('periodsOf', () => {
  it('answers as periodAt does, in any order of instants', () => {
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 20 }), anyPeriod, (instants, { resetPeriod, timezone }) => {
        const periodOf = periodsOf({ resetPeriod, timezone });
        for (const ms of instants) expect(periodOf(ms)).toEqual(periodAt(ms, resetPeriod, timezone));
      }),
    );
  });
});

describe('knowsTimeZone', () => {
  it('accepts IANA zones and nothing else', () => {
    expect(ZONES.every(knowsTimeZone)).toBe(true);
    expect(knowsTimeZone('Mars/Olympus_Mons')).toBe(false);
  });
});

describe('toPeriodData', () => {
  it('writes RFC 3339 in UTC with milliseconds', () => {
    expect(toPeriodData(periodAt(at('2026-11-23T10:00:00Z'), 'monthly', 'Asia/Kathmandu'))).toEqual({
      id: '2026-11',
      start: '2026-10-31T18:15:00.000Z',
      end: '2026-11-30T18:15:00.000Z',
    });
    expect(toPeriodData(periodAt(0, 'never', 'UTC'))).toEqual({ id: 'all', start: null, end: null });
  });
});
