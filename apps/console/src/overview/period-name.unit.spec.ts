import { periodName } from './period-name.ts';

it.each([
  ['2026-11-23', 'November 23'],
  ['2026-W08', 'Week 8'],
  ['2026-11', 'November 2026'],
  ['2026', '2026'],
  ['all', 'Since the start'],
  ['something-new', 'something-new'],
])('calls the period %s %s', (id, name) => {
  expect(periodName(id)).toBe(name);
});
