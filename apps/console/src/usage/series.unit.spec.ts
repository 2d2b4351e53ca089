import type { UsageSeriesEntry } from '@tollgate/contracts/metering-http';
import { bucketsOf, drawnGroups, OTHER, sumOf, totalsOf } from './series.ts';

const entry = (start: string, group: string, cost_usd: string, tokens = 1): UsageSeriesEntry => ({
  ...{ start, group, cost_usd, tokens, requests: 1 },
  ...{ input_tokens: tokens, output_tokens: 0, unpriced_requests: 0 },
});
const span = { from: '2026-11-25T00:30:00.000Z', to: '2026-11-25T04:10:00.000Z', timezone: 'UTC' };

it('adds money of many buckets to the last digit, the dearest group first', () => {
  const entries = Array.from({ length: 1_000 }, (_, i) =>
    entry('2026-11-25T01:00:00.000Z', i % 2 ? 'a' : 'b', i % 2 ? '0.1' : '0.000000000001'),
  );
  const totals = totalsOf(entries);
  expect(totals.map(({ group, cost_usd }) => [group, cost_usd])).toEqual([
    ['a', '50.00'],
    ['b', '0.0000000005'],
  ]);
  expect(sumOf(totals)).toEqual({ cost_usd: '50.0000000005', tokens: 1_000, requests: 1_000 });
});

it('has a bucket for every hour, those without use too', () => {
  const buckets = bucketsOf([entry('2026-11-25T02:00:00.000Z', 'a', '0.5')], 'cost_usd', {
    ...span,
    bucket: 'hour',
  });
  expect(buckets.map(({ at, a }) => [at.slice(11, 13), a])).toEqual([
    ['00', 0],
    ['01', 0],
    ['02', 0.5],
    ['03', 0],
  ]);
});

it('has a bucket for every day of the zone in which days begin, also where one has 25 hours', () => {
  const days = bucketsOf([entry('2026-10-25T00:00:00.000-00:00', 'a', '1')], 'tokens', {
    ...{ from: '2026-10-24T12:00:00.000Z', to: '2026-10-27T12:00:00.000Z' },
    ...{ timezone: 'Europe/Amsterdam', bucket: 'day' as const },
  });
  expect(days.map(({ at, a }) => [at, a])).toEqual([
    ['2026-10-24', 0],
    ['2026-10-25', 1],
    ['2026-10-26', 0],
    ['2026-10-27', 0],
  ]);
});

it('draws the groups beyond the first five as one, and loses none of their use', () => {
  const entries = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((group, i) =>
    entry('2026-11-25T01:00:00.000Z', group, `${9 - i}.00`, 10),
  );
  expect(drawnGroups(totalsOf(entries))).toEqual(['a', 'b', 'c', 'd', 'e', OTHER]);
  const [, second] = bucketsOf(entries, 'tokens', { ...span, bucket: 'hour' });
  expect(second).toEqual({ at: '2026-11-25T01:00:00.000Z', a: 10, b: 10, c: 10, d: 10, e: 10, [OTHER]: 20 });
});
