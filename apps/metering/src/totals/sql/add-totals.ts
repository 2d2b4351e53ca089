import type { UsageDelta } from '@tollgate/domain/metering/fold';
import type { Sql } from '@tollgate/service-kit/postgres';
import { type RawTotals, TOTALS_COLUMNS, type TotalsRow, toTotalsRow } from '../totals-row.ts';

const ADD = `
  INSERT INTO totals AS t (scope_id, generation, period_id, period_start_ms, period_end_ms, cost, tokens, requests, closed)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::numeric[],
    $7::numeric[], $8::bigint[], $9::boolean[])
  ON CONFLICT (scope_id, generation, period_id) DO UPDATE SET
    cost = t.cost + excluded.cost, tokens = t.tokens + excluded.tokens, requests = t.requests + excluded.requests
  RETURNING ${TOTALS_COLUMNS}, (xmax = 0) AS inserted`;

export interface AddedTotals extends TotalsRow {
  /** The period had no row before. */
  readonly inserted: boolean;
}

/**
 * Adds deltas to the totals of scopes that the caller has locked, and returns what the totals are now.
 *
 * @param isOver whether the delta's generation had ended already, so that no reset is due for it
 */
export async function addTotals(
  sql: Sql,
  deltas: readonly UsageDelta[],
  isOver: (delta: UsageDelta) => boolean,
): Promise<AddedTotals[]> {
  if (deltas.length === 0) return [];
  const rows: (RawTotals & { inserted: boolean })[] = await sql.query(ADD, [
    deltas.map(({ scopeId }) => scopeId),
    deltas.map(({ generation }) => generation),
    deltas.map(({ period }) => period.id),
    deltas.map(({ period }) => period.startMs),
    deltas.map(({ period }) => period.endMs),
    deltas.map(({ added }) => added.cost.toString()),
    deltas.map(({ added }) => added.tokens.toString()),
    deltas.map(({ added }) => added.requests.toString()),
    deltas.map(isOver),
  ]);
  return rows.map((row) => ({ ...toTotalsRow(row), inserted: row.inserted }));
}
