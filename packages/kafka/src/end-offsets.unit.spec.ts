import { lagOf } from './end-offsets.ts';

const extents = new Map([
  [0, { start: 0n, end: 10n }],
  [1, { start: 100n, end: 107n }],
]);

it('counts what is before a reader, in every partition', () => {
  expect(lagOf(extents, { 0: '10', 1: '107' })).toBe(0n);
  expect(lagOf(extents, { 0: '4', 1: '105' })).toBe(8n);
});

it('counts from the first record where nothing was read, or what was next is no longer there', () => {
  expect(lagOf(extents, {})).toBe(17n);
  expect(lagOf(extents, { 0: '10', 1: '3' })).toBe(7n);
});

it('is never less than nothing, where a topic was made anew', () => {
  expect(lagOf(extents, { 0: '5000', 1: '106' })).toBe(1n);
});
