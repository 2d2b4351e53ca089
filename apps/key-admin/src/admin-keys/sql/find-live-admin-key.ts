import type { Sql } from '@tollgate/service-kit/postgres';
import type { AdminKeyRow } from '../admin-key-row.ts';

const LIVE = 'k.revoked_at is null and (k.expires_at is null or k.expires_at > $2) and t.deleted_at is null';
const FROM = 'from admin_keys k left join teams t on t.id = k.team_id';
const FIND = `select k.* ${FROM} where k.id = $1 and ${LIVE}`;
const WHICH = `select k.id ${FROM} where k.id = any($1) and ${LIVE}`;

/** An admin key that opens the door now. */
export async function findLiveAdminKey(
  sql: Sql,
  id: string,
  nowMs: number,
): Promise<AdminKeyRow | undefined> {
  const [row] = await sql.query(FIND, [id, new Date(nowMs)]);
  return row;
}

/** Which of these admin keys open the door now. */
export async function whichAreLive(sql: Sql, ids: readonly string[], nowMs: number): Promise<Set<string>> {
  const rows: { id: string }[] = await sql.query(WHICH, [ids, new Date(nowMs)]);
  return new Set(rows.map(({ id }) => id));
}
