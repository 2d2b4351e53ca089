import type { Sql } from '@tollgate/service-kit/postgres';
import type { AuditRow } from '../chain.ts';

const HEAD = 'select sequence, hash from audit_head';

const APPEND = `
  with entries as (
    insert into audit_log (sequence, at, actor, address, action, target, team_id, before, after, hash, hash_key)
    select * from jsonb_to_recordset($1) as entry (
      sequence bigint, at timestamptz, actor text, address text, action text, target text, team_id text,
      before jsonb, after jsonb, hash text, hash_key integer)
  )
  update audit_head set sequence = $2, hash = $3`;

/** The last entry's place and hash. */
export interface Head {
  readonly sequence: number;
  readonly hash: string;
}

export async function readHead(sql: Sql, lock = ''): Promise<Head> {
  const [row] = await sql.query(HEAD + lock);
  return { sequence: Number(row.sequence), hash: row.hash };
}

/** The same; nobody adds another until the transaction ends. */
export const lockHead = (sql: Sql): Promise<Head> => readHead(sql, ' for update');

/** Adds entries behind the head, which the caller has locked. */
export async function appendEntries(sql: Sql, rows: readonly AuditRow[]): Promise<void> {
  const last = rows.at(-1)!;
  await sql.query(APPEND, [JSON.stringify(rows), last.sequence, last.hash]);
}
