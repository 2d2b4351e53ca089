import type { Sql } from '@tollgate/service-kit/postgres';

const HOLD = `
  select id from teams where id = $1 and ($2::text is null or id = $2) and deleted_at is null for key share`;

/**
 * Whether there is such a team that the caller may see. Until the transaction ends it cannot be deleted, because a
 * deletion locks the row; anything else can be done to it.
 */
export async function holdTeam(sql: Sql, id: string, within: string | null): Promise<boolean> {
  const rows: unknown[] = await sql.query(HOLD, [id, within]);
  return rows.length > 0;
}

const CLOSE = 'select id from teams where id = $1 for update';
const COUNT = 'select count(*)::int as count from keys where team_id = $1 and revoked_at is null';

/** Lets nobody add a key to the team until the transaction ends, and counts those that are not revoked. */
export async function closeTeam(sql: Sql, id: string): Promise<number> {
  await sql.query(CLOSE, [id]);
  const [{ count }] = await sql.query(COUNT, [id]);
  return count;
}
