import { crossings } from '@tollgate/domain/metering/breach';
import { minus, NO_USE, type Totals } from '@tollgate/domain/metering/meter';
import { publishDueMs } from '@tollgate/domain/metering/publish';
import { contains, type Period } from '@tollgate/domain/period';
import type { Announcement } from '../limits/announce.ts';
import { crossingNotice } from '../limits/notice.ts';
import { meterOf, publishedOf, type ScopeRow } from '../scopes/scope-row.ts';

/** A total that a batch added to. */
export interface FoldedTotals {
  readonly generation: number;
  readonly period: Period;
  readonly added: Totals;
  /** With what was added. */
  readonly used: Totals;
}

/**
 * What follows for a scope from a batch: warnings and breaches, and when its meter leaves.
 * @param thresholds percents of a limit at which a warning is due
 */
export function consequence(
  scope: ScopeRow,
  folded: readonly FoldedTotals[],
  thresholds: readonly number[],
  nowMs: number,
): Announcement {
  const counting = folded.find(
    ({ period, generation }) => generation === scope.generation && contains(period, nowMs),
  );
  const meter = meterOf(scope, nowMs, counting?.used);
  // Use admitted by a clock ahead of ours counts when its period begins.
  const aheadMs = Math.min(
    ...folded.map(({ period }) => period.startMs ?? 0).filter((startMs) => startMs > nowMs),
  );
  const laterMs = Number.isFinite(aheadMs) ? aheadMs : null;
  if (!counting) {
    // Late, doubled or refused records change no total that counts; readers still learn how far was read.
    const dueMs = publishDueMs(NOTHING_MOVED, null, scope.publishDueMs, nowMs);
    return { scope, meter, notices: [], publish: null, dueMs: Math.min(dueMs, laterMs ?? dueMs) };
  }
  const published = publishedOf(scope, meter);
  const before = published && minus(counting.used, counting.added);
  const notices = crossings(before, meter, thresholds).map((crossing) =>
    crossingNotice(meter, crossing, 'usage'),
  );
  const dueMs = publishDueMs(meter, published, scope.publishDueMs, nowMs);
  if (notices.length > 0 || dueMs <= nowMs)
    return { scope, meter, notices, publish: 'usage', dueMs: laterMs };
  return { scope, meter, notices, publish: null, dueMs: Math.min(dueMs, laterMs ?? dueMs) };
}

const NOTHING_MOVED = { used: NO_USE, limits: { cost: null, tokens: null } };
