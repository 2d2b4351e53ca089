import { type Period, periodAt, type Recurrence } from '../../src/period.ts';

const DAY_MS = 86_400_000;
const known = new Map<string, Period>();

/** Periods in UTC, each worked out once: runs begin a few minutes before the same midnight. */
export function periodOf({ resetPeriod }: Recurrence, atMs: number): Period {
  const name = `${resetPeriod} ${Math.floor(atMs / DAY_MS)}`;
  let period = known.get(name);
  if (!period) {
    period = periodAt(atMs, resetPeriod, 'UTC');
    known.set(name, period);
  }
  return period;
}
