import { totalsOfQuarters } from '@tollgate/domain/metering/quarter-hours';
import type { Sql } from '@tollgate/service-kit/postgres';
import type { ScopeRow } from '../scopes/scope-row.ts';
import { readOpening } from './sql/read-opening.ts';
import { readQuarters } from './sql/read-quarters.ts';
import { replaceTotals } from './sql/replace-totals.ts';

/**
 * Counts all totals of a locked scope anew from the ledger, in the periods that the scope has now. Those that
 * have ended stay closed: they were told of as they were, or were nobody's periods then.
 */
export async function recount(sql: Sql, scope: ScopeRow, nowMs: number): Promise<void> {
  const quarters = await readQuarters(sql, scope);
  const totals = totalsOfQuarters(quarters, scope, await readOpening(sql, scope.scopeId));
  await replaceTotals(sql, scope.scopeId, totals, ({ generation, period }) => {
    const hasEnded = period.endMs !== null && period.endMs <= nowMs;
    return hasEnded || generation < scope.generation;
  });
}
