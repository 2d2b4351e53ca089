import type { Sql } from '@tollgate/service-kit/postgres';

const RESOLVE = `
  UPDATE billing.meter_events SET state = $2, unknown_since = NULL, problem = NULL,
    due_at = to_timestamp($3::double precision / 1000),
    sent_at = CASE WHEN $2 = 'sent' THEN to_timestamp($3::double precision / 1000) END
  WHERE identifier = ANY($1) AND state IN ('held', 'failed') RETURNING identifier`;

/** @returns the identifiers of those that were held or failed */
export async function resolveEvents(
  sql: Sql,
  identifiers: readonly string[],
  as: 'sent' | 'pending',
  nowMs: number,
): Promise<string[]> {
  const [rows]: [{ identifier: string }[]] = await sql.query(RESOLVE, [identifiers, as, nowMs]);
  return rows.map(({ identifier }) => identifier).sort();
}
