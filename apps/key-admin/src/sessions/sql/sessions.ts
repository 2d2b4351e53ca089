import type { Sql } from '@tollgate/service-kit/postgres';

const INSERT = `
  with old as (delete from admin_sessions where expires_at < $3)
  insert into admin_sessions (digest, admin_id, created_at, expires_at) values ($1, $2, $3, $4)`;

/** Keeps a session, and forgets those that have ended. */
export async function insertSession(
  sql: Sql,
  session: { readonly digest: string; readonly adminId: string },
  now: Date,
  expiresAt: Date,
): Promise<void> {
  await sql.query(INSERT, [session.digest, session.adminId, now, expiresAt]);
}

/** The id of the admin whose session it is. */
export async function findSession(sql: Sql, digest: string, now: Date): Promise<string | null> {
  const find = 'select admin_id from admin_sessions where digest = $1 and expires_at > $2';
  const [row] = await sql.query(find, [digest, now]);
  return row?.admin_id ?? null;
}

/** Which of these sessions have not ended. */
export async function whichAreOpen(sql: Sql, digests: readonly string[], now: Date): Promise<Set<string>> {
  const which = 'select digest from admin_sessions where digest = any($1) and expires_at > $2';
  const rows: { digest: string }[] = await sql.query(which, [digests, now]);
  return new Set(rows.map(({ digest }) => digest));
}

/** @returns the id of the admin whose session it was; `null` where there was none */
export async function deleteSession(sql: Sql, digest: string): Promise<string | null> {
  const [row] = await sql.query(
    'with gone as (delete from admin_sessions where digest = $1 returning admin_id) select admin_id from gone',
    [digest],
  );
  return row?.admin_id ?? null;
}
