import type { ScopeMeter, Totals } from '@tollgate/domain/metering/meter';
import type { Sql } from '@tollgate/service-kit/postgres';
import { type RawTotals, TOTALS_COLUMNS, toTotalsRow, totalsKey } from '../totals-row.ts';

const READ = `
  SELECT ${TOTALS_COLUMNS} FROM totals
  JOIN unnest($1::text[], $2::bigint[], $3::text[]) AS wanted (scope_id, generation, period_id)
    USING (scope_id, generation, period_id)`;

type Wanted = Pick<ScopeMeter, 'scopeId' | 'generation' | 'period'>;

/** Totals by {@link totalsKey}; absent where nothing was used. */
export async function readTotals(sql: Sql, wanted: readonly Wanted[]): Promise<Map<string, Totals>> {
  const rows: RawTotals[] = await sql.query(READ, [
    wanted.map(({ scopeId }) => scopeId),
    wanted.map(({ generation }) => generation),
    wanted.map(({ period }) => period.id),
  ]);
  return new Map(rows.map(toTotalsRow).map((row) => [totalsKey(row), row.used]));
}
