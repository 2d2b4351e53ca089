import { crossings, WARNING_THRESHOLDS } from '@tollgate/domain/metering/breach';
import type { EntityManager } from 'typeorm';
import { readThrough } from '../fold/usage-offsets.ts';
import { meterOf, type ScopeRow } from '../scopes/scope-row.ts';
import { readThresholds } from '../scopes/sql/read-thresholds.ts';
import { readTotals } from '../totals/sql/read-totals.ts';
import { totalsKey } from '../totals/totals-row.ts';
import { type Announcement, announce } from './announce.ts';
import type { Reason } from './limit-event.ts';
import { crossingNotice, type Notice } from './notice.ts';

/**
 * Publishes the meters of locked scopes as they stand, with whatever warnings and breaches hold and were not
 * told yet.
 *
 * @param resets to tell first, by scope id
 */
export async function republish(
  sql: EntityManager,
  scopes: readonly ScopeRow[],
  reason: Reason,
  nowMs: number,
  resets: ReadonlyMap<string, readonly Notice[]> = new Map(),
): Promise<void> {
  if (scopes.length === 0) return;
  const unused = scopes.map((scope) => meterOf(scope, nowMs));
  const totals = await readTotals(sql, unused);
  const thresholds = (await readThresholds(sql)) ?? WARNING_THRESHOLDS;
  const announcements = scopes.map((scope, i): Announcement => {
    const meter = { ...unused[i]!, used: totals.get(totalsKey(unused[i]!)) ?? unused[i]!.used };
    const crossed = crossings(null, meter, thresholds).map((crossing) =>
      crossingNotice(meter, crossing, reason),
    );
    const notices = [...(resets.get(scope.scopeId) ?? []), ...crossed];
    return { scope, meter, notices, publish: reason, dueMs: null };
  });
  await announce(sql, announcements, await readThrough(sql), nowMs);
}
