import type { Sql } from '@tollgate/service-kit/postgres';

const SCOPES = `SELECT DISTINCT scope_id FROM allowances WHERE instance = $1 AND state <> 'lost' ORDER BY 1`;

/** Scopes of which a gateway holds anything. */
export async function scopesOfHolder(sql: Sql, instance: string): Promise<string[]> {
  const rows: { scope_id: string }[] = await sql.query(SCOPES, [instance]);
  return rows.map(({ scope_id }) => scope_id);
}

/** When a gateway last called, in ms since the epoch; 0 where it never did. */
export async function heardOf(sql: Sql, instance: string): Promise<number> {
  const [row] = await sql.query('SELECT heard_at_ms FROM allowance_holders WHERE instance = $1', [instance]);
  return Number(row?.heard_at_ms ?? 0);
}
