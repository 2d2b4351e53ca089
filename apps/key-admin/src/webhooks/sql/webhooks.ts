import type { Sql } from '@tollgate/service-kit/postgres';
import type { WebhookRow } from '../webhook-row.ts';

/** Reads webhooks, one or all of them; there are at most 20. */
const FIND = `select * from webhooks where id = $1`;
const LOCK = `${FIND} for update`;
const LIST = `
  select * from webhooks where ($1::text is null or id < $1) order by id desc limit $2`;

export async function findWebhook(sql: Sql, id: string): Promise<WebhookRow | undefined> {
  const rows: WebhookRow[] = await sql.query(FIND, [id]);
  return rows[0];
}

/** Locks one webhook, after whoever changes the list of them, who would else wait for it and it for them. */
export async function lockWebhook(sql: Sql, id: string): Promise<WebhookRow | undefined> {
  await sql.query('lock table webhooks in row exclusive mode');
  const rows: WebhookRow[] = await sql.query(LOCK, [id]);
  return rows[0];
}

/** @param before the id after which the page begins */
export const readWebhooks = (sql: Sql, before: string | null, limit: number): Promise<WebhookRow[]> =>
  sql.query(LIST, [before, limit]);
