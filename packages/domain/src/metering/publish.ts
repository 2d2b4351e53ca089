import {
  COUNTED_DIMENSIONS,
  gauge,
  hasReached,
  minus,
  NO_USE,
  type ScopeMeter,
  type Totals,
} from './meter.ts';

/** Any use leaves in a meter within this time. */
export const LONGEST_UNPUBLISHED_MS = 10_000;
/** So many requests leave in a meter at once: until then every gateway keeps the records of its own. */
export const MOST_UNPUBLISHED_REQUESTS = 1_000n;
/** Above this percentage of a limit every change is published … */
export const NEAR_LIMIT_PERCENT = 95;
/** … but no faster than 20 times a second. */
export const SHORTEST_INTERVAL_MS = 50;
/** Below it a step of this percentage of the limit. */
const STEP_PERCENT = 1;

/** The latest published meter of the same period and generation. */
export interface Published {
  readonly used: Totals;
  readonly atMs: number;
}

const anyReached = (used: Totals, { limits }: Pick<ScopeMeter, 'limits'>, percent: number) =>
  COUNTED_DIMENSIONS.some((dimension) => {
    const amount = gauge(used, limits, dimension);
    return hasReached(amount.used, amount.limit, percent);
  });

function hasMoved(meter: Pick<ScopeMeter, 'used' | 'limits'>, from: Totals): boolean {
  const moved = minus(meter.used, from);
  return moved.requests >= MOST_UNPUBLISHED_REQUESTS || anyReached(moved, meter, STEP_PERCENT);
}

/**
 * When a meter that changed is due to be published, in ms since the epoch; not after `nowMs` means now.
 * Warnings, breaches, resets and changes of limits do not ask: they publish at once.
 *
 * @param published `null` where no meter of this period and generation was published: readers count zero
 * @param dueMs when an earlier change is due already, `null` where there is none
 */
export function publishDueMs(
  meter: Pick<ScopeMeter, 'used' | 'limits'>,
  published: Published | null,
  dueMs: number | null,
  nowMs: number,
): number {
  const latestMs = Math.min(dueMs ?? Number.POSITIVE_INFINITY, nowMs + LONGEST_UNPUBLISHED_MS);
  if (anyReached(meter.used, meter, NEAR_LIMIT_PERCENT)) {
    const soonestMs = published ? published.atMs + SHORTEST_INTERVAL_MS : nowMs;
    return Math.min(latestMs, Math.max(nowMs, soonestMs));
  }
  const from = published?.used ?? NO_USE;
  return hasMoved(meter, from) ? nowMs : latestMs;
}
