import type { Sql } from '@tollgate/service-kit/postgres';
import type { AdminKeyRow } from '../admin-key-row.ts';

const LOCK = `select * from admin_keys where id = $1 and ($2::text is null or team_id = $2) for update`;
const REVOKE = 'update admin_keys set revoked_at = $2 where id = $1';

/** Locks an admin key that the caller may see, by the one team it acts in. */
export async function lockAdminKey(
  sql: Sql,
  id: string,
  within: string | null,
): Promise<AdminKeyRow | undefined> {
  const [row] = await sql.query(LOCK, [id, within]);
  return row;
}

export async function revokeAdminKey(sql: Sql, id: string, at: Date): Promise<void> {
  await sql.query(REVOKE, [id, at]);
}

const OF_TEAM = 'select * from admin_keys where team_id = $1 and revoked_at is null order by id for update';

/** Locks the admin keys that act in one team alone and are not revoked. */
export const lockKeysOfTeam = (sql: Sql, teamId: string): Promise<AdminKeyRow[]> =>
  sql.query(OF_TEAM, [teamId]);
