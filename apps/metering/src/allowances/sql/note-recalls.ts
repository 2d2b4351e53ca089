import type { Sql } from '@tollgate/service-kit/postgres';

const NOTE = `UPDATE scopes SET recall = recall + 1, recalled_at_ms = $2 WHERE scope_id = ANY($1)`;

/** Has the next meters of locked scopes say that gateways are to give back what they do not need. */
export async function noteRecalls(sql: Sql, scopeIds: readonly string[], nowMs: number): Promise<void> {
  if (scopeIds.length > 0) await sql.query(NOTE, [scopeIds, nowMs]);
}
