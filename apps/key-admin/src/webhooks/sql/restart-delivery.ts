import type { Sql } from '@tollgate/service-kit/postgres';

/** An attempt that is under way goes on; whatever else becomes due now, with all its tries before it. */
const RESTART = `
  update webhook_deliveries
  set state = 'pending', due_at = $3, tried_since = $3, failures = 0, lease = null
  where webhook_id = $1 and id = $2
    and not (state = 'pending' and lease is not null and due_at > $3::timestamptz)`;

/** @returns whether it was restarted; else there is none, or an attempt is under way */
export async function restartDelivery(
  sql: Sql,
  webhookId: string,
  id: string,
  nowMs: number,
): Promise<boolean> {
  const [, restarted] = await sql.query(RESTART, [webhookId, id, new Date(nowMs)]);
  return restarted === 1;
}
