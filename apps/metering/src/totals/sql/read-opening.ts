import type { PeriodTotals } from '@tollgate/domain/metering/quarter-hours';
import type { Sql } from '@tollgate/service-kit/postgres';
import { type RawTotals, TOTALS_COLUMNS, toTotalsRow } from '../totals-row.ts';

const READ = `SELECT ${TOTALS_COLUMNS} FROM opening_balances WHERE scope_id = $1`;

/** What a scope used in months that have left the ledger. */
export async function readOpening(sql: Sql, scopeId: string): Promise<PeriodTotals[]> {
  const rows: RawTotals[] = await sql.query(READ, [scopeId]);
  return rows.map(toTotalsRow);
}
