import type { Sql } from '@tollgate/service-kit/postgres';
import type { AuditRow } from '../chain.ts';

const LOCK_HEAD = 'select sequence, hash from audit_head for update';

const APPEND = `
  with entries as (
    insert into audit_log (sequence, at, actor, address, action, target, team_id, before, after, hash, hash_key)
    select * from jsonb_to_recordset($1) as entry (
      sequence bigint, at timestamptz, actor text, address text, action text, target text, team_id text,
      before jsonb, after jsonb, hash text, hash_key integer)
  )
  update audit_head set sequence = $2, hash = $3`;

/** The last entry's place and hash; nobody adds another until the transaction ends. */
export async function lockHead(sql: Sql): Promise<{ sequence: number; hash: string }> {
  const [row] = await sql.query(LOCK_HEAD);
  return { sequence: Number(row.sequence), hash: row.hash };
}

/** Adds entries behind the head, which the caller has locked. */
export async function appendEntries(sql: Sql, rows: readonly AuditRow[]): Promise<void> {
  const last = rows.at(-1)!;
  await sql.query(APPEND, [JSON.stringify(rows), last.sequence, last.hash]);
}
