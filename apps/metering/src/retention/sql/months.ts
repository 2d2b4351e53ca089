import type { Sql } from '@tollgate/service-kit/postgres';

const PREFIX = 'usage_ledger_';
const tableOf = (month: string) => `${PREFIX}${month.replace('-', '_')}`;

const FIND = `SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
  WHERE inhparent = 'usage_ledger'::regclass ORDER BY relname`;

/** The ledger's months, oldest first: `2026-01`. */
export async function findMonths(sql: Sql): Promise<string[]> {
  const rows: { relname: string }[] = await sql.query(FIND);
  return rows.map(({ relname }) => relname.slice(PREFIX.length).replace('_', '-'));
}

/**
 * Keeps anyone from adding to a month, and returns its table. Nobody is kept waiting long for the ledger: where others
 * do not let go of it within two seconds, this fails and can be tried again.
 */
export async function lockMonth(sql: Sql, month: string): Promise<string> {
  const table = tableOf(month);
  await sql.query(`SET LOCAL lock_timeout = '2s'`);
  await sql.query(`LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`);
  return table;
}

/** Takes a month's table out of the ledger, and deletes it. */
export async function dropMonth(sql: Sql, table: string): Promise<void> {
  await sql.query(`ALTER TABLE usage_ledger DETACH PARTITION ${table}`);
  await sql.query(`DROP TABLE ${table}`);
}
