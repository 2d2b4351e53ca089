import type { Sql } from '@tollgate/service-kit/postgres';

const NOTE = `
  update admin_keys set last_used_at = $2::timestamptz
  where id = $1 and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')`;

/** To the minute, so that a busy script writes once a minute. */
export async function noteUse(sql: Sql, id: string, nowMs: number): Promise<void> {
  await sql.query(NOTE, [id, new Date(nowMs)]);
}
