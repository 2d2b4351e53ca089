import type { HourTotals } from '@tollgate/domain/billing/meter-events';
import type { Sql } from '@tollgate/service-kit/postgres';

const READ = `
  SELECT (extract(epoch FROM hour) * 1000)::bigint AS hour_ms, sum(cost)::text AS cost,
    sum(tokens_total)::text AS tokens, sum(requests)::text AS requests
  FROM billing.line_items
  WHERE team_id = $1 AND hour >= to_timestamp($2::double precision / 1000)
    AND hour < to_timestamp($3::double precision / 1000)
  GROUP BY hour ORDER BY hour`;

/** What a team used in each hour of [fromMs, toMs) with use, oldest first. */
export async function readHours(
  sql: Sql,
  teamId: string,
  fromMs: number,
  toMs: number,
): Promise<HourTotals[]> {
  const rows: { hour_ms: string; cost: string; tokens: string; requests: string }[] = await sql.query(READ, [
    teamId,
    fromMs,
    toMs,
  ]);
  return rows.map((row) => ({
    hourMs: Number(row.hour_ms),
    cost: BigInt(row.cost),
    tokens: BigInt(row.tokens),
    requests: BigInt(row.requests),
  }));
}
