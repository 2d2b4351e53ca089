import { totalsOfQuarters } from '@tollgate/domain/metering/quarter-hours';
import type { Sql } from '@tollgate/service-kit/postgres';
import { readQuarters } from '../ledger/sql/read-quarters.ts';
import type { ScopeRow } from '../scopes/scope-row.ts';
import { readOpening } from './sql/read-opening.ts';
import { replaceTotals } from './sql/replace-totals.ts';

/**
 * Counts all totals of a locked scope anew from the ledger, in the periods that the scope has now. Those that
 * have ended stay closed: they were told of as they were, or were nobody's periods then.
 */
export async function recount(sql: Sql, scope: ScopeRow, nowMs: number): Promise<void> {
  const { scopeId } = scope;
  const { quarters } = await readQuarters(sql, scope.scope, [scopeId]);
  const totals = totalsOfQuarters(quarters.get(scopeId) ?? [], scope, await readOpening(sql, scopeId));
  await replaceTotals(sql, scopeId, totals, ({ generation, period }) => {
    const hasEnded = period.endMs !== null && period.endMs <= nowMs;
    return hasEnded || generation < scope.generation;
  });
}
