import { away, span } from './instant.ts';

const NOW = Date.parse('2026-11-25T12:00:00.000Z');

it.each([
  ['2026-11-25T11:59:58.000Z', 'just now'],
  ['2026-11-25T11:59:50.000Z', '10 s ago'],
  ['2026-11-25T11:00:01.000Z', '59 min ago'],
  ['2026-11-24T12:00:00.000Z', '1 d ago'],
  ['2026-12-01T00:00:00.000Z', 'in 5 d'],
  ['2029-01-01T00:00:00.000Z', 'in 2 y'],
])('tells that %s is %s', (instant, told) => {
  expect(away(instant, NOW)).toBe(told);
});

it('names a span by its largest unit', () => {
  expect([span(0), span(1_000), span(-7_200_000)]).toEqual(['now', '1 s', '2 h']);
});
