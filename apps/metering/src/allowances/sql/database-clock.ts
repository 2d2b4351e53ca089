import type { Sql } from '@tollgate/service-kit/postgres';

/**
 * The time of the database, in ms since the epoch: leases are stamped and judged by one clock, however many processes
 * of metering there are. To be read after locks were waited for.
 */
export async function databaseClock(sql: Sql): Promise<number> {
  const [row] = await sql.query('SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::text AS now_ms');
  return Number(row.now_ms);
}
