import type { Sql } from '@tollgate/service-kit/postgres';

const PREFIX = 'seen_usage_';

const FIND = `SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
  WHERE inhparent = 'billing.seen_usage'::regclass ORDER BY relname`;

/** The days of which records are remembered, oldest first: `2026-01-31`. */
export async function findSeenDays(sql: Sql): Promise<string[]> {
  const rows: { relname: string }[] = await sql.query(FIND);
  return rows.map(({ relname }) => relname.slice(PREFIX.length).replaceAll('_', '-'));
}

/** Nobody is kept waiting for the table: where others do not let go of it, the day is dropped another time. */
export async function dropSeenDay(sql: Sql, day: string): Promise<void> {
  await sql.query(`SET LOCAL lock_timeout = '2s'`);
  await sql.query(`DROP TABLE billing.${PREFIX}${day.replaceAll('-', '_')}`);
}
