import type { RetireBody, RetireProgress, RetireResult } from '@tollgate/contracts/operations-http';
import { type PeriodTotals, totalsOfQuarters } from '@tollgate/domain/metering/quarter-hours';
import type { DataSource, EntityManager } from 'typeorm';
import { readQuarters } from '../ledger/sql/read-quarters.ts';
import { recorded } from '../operations/recorded.ts';
import { byKind, readScopes } from '../scopes/sql/read-scopes.ts';
import { addOpening } from './sql/add-opening.ts';
import { dropMonth, findMonths, lockMonth } from './sql/months.ts';

/**
 * Drops the ledger's months before the last `keep_months` and the current one. What each scope used in a month stays
 * as an opening balance of its periods, in the same transaction that drops the month: totals, statements and
 * rebuilds come out as before. The records themselves are gone; who needs them exports them first.
 */
export function retire(
  db: DataSource,
  { keep_months, actor }: RetireBody,
  nowMs: number,
): AsyncGenerator<RetireProgress, RetireResult> {
  return recorded(db, { kind: 'retire', actor, parameters: { keep_months } }, drop(db, keep_months, nowMs));
}

async function* drop(
  db: DataSource,
  keepMonths: number,
  nowMs: number,
): AsyncGenerator<RetireProgress, RetireResult> {
  const now = new Date(nowMs);
  const firstKept = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - keepMonths, 1));
  const months = (await findMonths(db.manager)).filter(
    (month) => month < firstKept.toISOString().slice(0, 7),
  );
  let records = 0;
  for (const month of months) {
    const dropped = await db.transaction((sql) => retireMonth(sql, month));
    records += dropped;
    yield { month, records: dropped };
  }
  return { months, records };
}

/** @returns how many records the month had */
async function retireMonth(sql: EntityManager, month: string): Promise<number> {
  await sql.query('SET LOCAL statement_timeout = 0');
  const table = await lockMonth(sql, month);
  let records = 0;
  for (const scopes of byKind(await readScopes(sql))) {
    const ids = scopes.map(({ scopeId }) => scopeId);
    const ledger = await readQuarters(sql, scopes[0]!.scope, ids, table);
    if (scopes[0]!.scope === 'organization') records = ledger.records;
    const used = scopes.flatMap((scope): (PeriodTotals & { scopeId: string })[] =>
      totalsOfQuarters(ledger.quarters.get(scope.scopeId) ?? [], scope).map((totals) => ({
        scopeId: scope.scopeId,
        ...totals,
      })),
    );
    await addOpening(sql, month, used);
  }
  await dropMonth(sql, table);
  return records;
}
