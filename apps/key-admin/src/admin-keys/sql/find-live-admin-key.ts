import type { Sql } from '@tollgate/service-kit/postgres';
import type { AdminKeyRow } from '../admin-key-row.ts';

const FIND = `
  select k.* from admin_keys k left join teams t on t.id = k.team_id
  where k.id = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2)
    and t.deleted_at is null`;

/** An admin key that opens the door now. */
export async function findLiveAdminKey(
  sql: Sql,
  id: string,
  nowMs: number,
): Promise<AdminKeyRow | undefined> {
  const [row] = await sql.query(FIND, [id, new Date(nowMs)]);
  return row;
}
