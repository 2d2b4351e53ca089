import type { ScopeMeter } from '@tollgate/domain/metering/meter';
import type { DataSource, EntityManager } from 'typeorm';
import { meterOf, type ScopeRow } from '../scopes/scope-row.ts';
import { lockFreeScopes } from '../scopes/sql/lock-scopes.ts';
import { closeEnded, scopesToClose } from '../totals/sql/close-totals.ts';
import type { TotalsRow } from '../totals/totals-row.ts';
import { type Notice, resetNotice } from './notice.ts';
import { republish } from './republish.ts';

const SCOPES_AT_ONCE = 500;

/**
 * Ends the periods that are over: one `limit.reset` for each that had use, and the meter of the period that
 * counts now. What another instance is working on is left to it.
 *
 * @returns how many periods were closed
 */
export async function closePeriods(db: DataSource, nowMs: number): Promise<number> {
  let closed = 0;
  for (;;) {
    const scopeIds = await scopesToClose(db.manager, nowMs, SCOPES_AT_ONCE);
    if (scopeIds.length === 0) return closed;
    const ended = await db.transaction((sql) => closeScopes(sql, scopeIds, nowMs));
    if (ended === 0) return closed;
    closed += ended;
  }
}

async function closeScopes(sql: EntityManager, scopeIds: readonly string[], nowMs: number): Promise<number> {
  const scopes = await lockFreeScopes(sql, scopeIds);
  const resets = await endPeriods(sql, scopes, nowMs);
  const ended = scopes.filter(({ scopeId }) => resets.has(scopeId));
  await republish(sql, ended, 'period', nowMs, resets);
  return [...resets.values()].flat().length;
}

/** Closes the periods of locked scopes that are over: what there is to tell of them, by scope. */
export async function endPeriods(
  sql: EntityManager,
  scopes: readonly ScopeRow[],
  nowMs: number,
): Promise<Map<string, Notice[]>> {
  const byId = new Map(scopes.map((scope) => [scope.scopeId, scope]));
  const resets = new Map<string, Notice[]>();
  for (const totals of await closeEnded(sql, [...byId.keys()], nowMs)) {
    const notice = resetNotice(endedMeter(byId.get(totals.scopeId)!, totals, nowMs), 'period');
    const sofar = resets.get(totals.scopeId);
    if (sofar) sofar.push(notice);
    else resets.set(totals.scopeId, [notice]);
  }
  return resets;
}

/** The meter of a period or generation that is over. */
export const endedMeter = (scope: ScopeRow, totals: TotalsRow, nowMs: number): ScopeMeter => ({
  ...meterOf(scope, nowMs, totals.used),
  period: totals.period,
  generation: totals.generation,
});
