import fc from 'fast-check';
import { HOUR_MS } from './line-items.ts';
import { closeHours, type HourTotals, type MeterLine, openHour, stampOf } from './meter-events.ts';

const hour = (n: number, cost: bigint, tokens = 0n): HourTotals => ({
  hourMs: n * HOUR_MS,
  cost,
  tokens,
  requests: 1n,
});
const line = (written = 0n, closedTo = 0): MeterLine => ({
  unit: 'micro_usd',
  written,
  closedToMs: closedTo * HOUR_MS,
});
const MICRO = 1_000_000n;

it('closes an hour when its grace is over, and stamps within it', () => {
  const at = (text: string) => Date.parse(`2026-11-23T${text}Z`);
  expect(openHour(at('13:09:59.999'), 600_000)).toBe(at('12:00:00'));
  expect(openHour(at('13:10:00.000'), 600_000)).toBe(at('13:00:00'));
  expect(stampOf(at('12:00:00')) * 1_000).toBe(at('12:59:59'));
});

it('writes whole units and carries what is left into the next hour', () => {
  expect(closeHours([hour(0, MICRO + 600_000n), hour(1, 400_000n)], line(), 2 * HOUR_MS)).toEqual({
    events: [
      { hourMs: 0, value: 1n, cumulative: 1n },
      { hourMs: HOUR_MS, value: 1n, cumulative: 2n },
    ],
    line: line(2n, 2),
  });
});

it('writes what came late with the next hour that closes, used or not', () => {
  const late = [hour(0, 5n * MICRO), hour(3, MICRO)];
  expect(closeHours(late, line(2n, 3), 4 * HOUR_MS).events).toEqual([
    { hourMs: 3 * HOUR_MS, value: 4n, cumulative: 6n },
  ]);
  expect(closeHours([hour(0, 5n * MICRO)], line(2n, 3), 6 * HOUR_MS).events).toEqual([
    { hourMs: 5 * HOUR_MS, value: 3n, cumulative: 5n },
  ]);
});

it('sets what was taken off against later use, and never writes less than nothing', () => {
  const credited = [hour(0, 5n * MICRO), hour(1, -3n * MICRO), hour(2, 2n * MICRO), hour(3, 2n * MICRO)];
  const { events } = closeHours(credited, line(5n, 1), 4 * HOUR_MS);
  expect(events).toEqual([{ hourMs: 3 * HOUR_MS, value: 1n, cumulative: 6n }]);
  expect(closeHours([hour(0, -1n)], line(), HOUR_MS).events).toEqual([]);
});

it('counts in the unit of the meter', () => {
  const hours = [hour(0, 25_000_000_000n, 7n)];
  const value = (unit: MeterLine['unit']) => closeHours(hours, { ...line(), unit }, HOUR_MS).events[0]?.value;
  expect([value('micro_usd'), value('cent'), value('token'), value('request')]).toEqual([
    25_000n,
    2n,
    7n,
    1n,
  ]);
});

it('never repeats an hour, never writes more than was used, and in the end exactly the whole units', () => {
  const change = fc.record({
    hour: fc.integer({ min: 0, max: 11 }),
    cost: fc.bigInt({ min: -3n * MICRO, max: 5n * MICRO }),
    pass: fc.integer({ min: 0, max: 12 }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      let current = line();
      let most = 0n;
      const seen = new Set<number>();
      let sum = 0n;
      for (let pass = 1; pass <= 13; pass += 1) {
        // What is known at this pass: hours grow later, too.
        const known = new Map<number, bigint>();
        for (const { hour: n, cost, pass: from } of changes) {
          if (from < pass) known.set(n, (known.get(n) ?? 0n) + cost);
        }
        const hours = [...known].sort(([a], [b]) => a - b).map(([n, cost]) => hour(n, cost));
        const { events, line: after } = closeHours(hours, current, pass * HOUR_MS);
        let used = 0n;
        for (const each of hours) {
          if (each.hourMs >= pass * HOUR_MS) break;
          used += each.cost;
          if (each.hourMs >= current.closedToMs) most = used / MICRO > most ? used / MICRO : most;
        }
        most = used / MICRO > most ? used / MICRO : most;
        for (const event of events) {
          expect(seen.has(event.hourMs)).toBe(false);
          seen.add(event.hourMs);
          expect(event.value).toBeGreaterThan(0n);
          sum += event.value;
          expect(event.cumulative).toBe(sum);
        }
        current = after;
        expect(current.written).toBe(sum);
        expect(sum).toBe(most);
      }
    }),
  );
});
