import { clockProblem } from './key-state-watch.ts';

it.each([
  [null, null],
  [5_000, null],
  [-5_000, null],
  [5_001, "this machine's clock is 5.0 s ahead of the broker's; synchronise it"],
  [-3_600_000, "this machine's clock is 3600.0 s behind the broker's; synchronise it"],
])('a clock that is %p ms off: %p', (skewMs, problem) => {
  expect(clockProblem(skewMs)).toBe(problem);
});
