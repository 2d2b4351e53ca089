import type { Sql } from '@tollgate/service-kit/postgres';

/** Lets nobody else add, change or remove webhooks until the transaction ends; reading goes on. */
export async function lockList(sql: Sql): Promise<void> {
  await sql.query('lock table webhooks in share row exclusive mode');
}
