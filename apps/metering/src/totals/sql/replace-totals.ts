import type { PeriodTotals } from '@tollgate/domain/metering/quarter-hours';
import type { Sql } from '@tollgate/service-kit/postgres';

const DROP = 'DELETE FROM totals WHERE scope_id = $1';
const INSERT = `
  INSERT INTO totals (scope_id, generation, period_id, period_start_ms, period_end_ms, cost, tokens, requests, closed)
  SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::numeric[], $7::numeric[],
    $8::bigint[], $9::boolean[])`;

/**
 * Sets all totals of a locked scope.
 * @param isClosed whether a total's reset was told, or is due from nobody
 */
export async function replaceTotals(
  sql: Sql,
  scopeId: string,
  totals: readonly PeriodTotals[],
  isClosed: (total: PeriodTotals) => boolean,
): Promise<void> {
  await sql.query(DROP, [scopeId]);
  if (totals.length === 0) return;
  await sql.query(INSERT, [
    scopeId,
    totals.map(({ generation }) => generation),
    totals.map(({ period }) => period.id),
    totals.map(({ period }) => period.startMs),
    totals.map(({ period }) => period.endMs),
    totals.map(({ used }) => used.cost.toString()),
    totals.map(({ used }) => used.tokens.toString()),
    totals.map(({ used }) => used.requests.toString()),
    totals.map(isClosed),
  ]);
}
