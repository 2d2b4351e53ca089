import type { Sql } from '@tollgate/service-kit/postgres';

const DELETE = `delete from webhooks where id = any($1)`;

/** Deletes webhooks with their deliveries; tells how many there were. */
export async function deleteWebhooks(sql: Sql, ids: readonly string[]): Promise<number> {
  const [, deleted] = await sql.query(DELETE, [ids]);
  return deleted;
}
