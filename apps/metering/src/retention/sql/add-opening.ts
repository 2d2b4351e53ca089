import type { PeriodTotals } from '@tollgate/domain/metering/quarter-hours';
import type { Sql } from '@tollgate/service-kit/postgres';

/** A month that was dropped and came back, by a record released from the quarantine, adds to what it left. */
const ADD = `
  INSERT INTO opening_balances AS o (scope_id, generation, period_id, month, period_start_ms, period_end_ms, cost,
    tokens, requests)
  SELECT scope_id, generation, period_id, $1::date, start_ms, end_ms, cost, tokens, requests
  FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::numeric[], $8::numeric[],
    $9::bigint[]) AS used (scope_id, generation, period_id, start_ms, end_ms, cost, tokens, requests)
  ON CONFLICT (scope_id, generation, period_id, month) DO UPDATE SET
    cost = o.cost + excluded.cost, tokens = o.tokens + excluded.tokens, requests = o.requests + excluded.requests`;

/** Keeps what scopes used in a month (`2026-01`) beyond the month's records. */
export async function addOpening(
  sql: Sql,
  month: string,
  used: readonly (PeriodTotals & { readonly scopeId: string })[],
): Promise<void> {
  if (used.length === 0) return;
  await sql.query(ADD, [
    `${month}-01`,
    used.map(({ scopeId }) => scopeId),
    used.map(({ generation }) => generation),
    used.map(({ period }) => period.id),
    used.map(({ period }) => period.startMs),
    used.map(({ period }) => period.endMs),
    used.map((each) => each.used.cost.toString()),
    used.map((each) => each.used.tokens.toString()),
    used.map((each) => each.used.requests.toString()),
  ]);
}
