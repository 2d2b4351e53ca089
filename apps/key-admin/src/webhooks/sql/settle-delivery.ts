import type { DeliveryAttempt, DeliveryState } from '@tollgate/contracts/webhooks';
import type { Sql } from '@tollgate/service-kit/postgres';

export interface Settlement {
  readonly id: string;
  readonly lease: string;
  readonly state: DeliveryState;
  readonly dueMs: number | null;
  readonly attempts: readonly DeliveryAttempt[];
}

const SETTLE = `
  update webhook_deliveries
  set state = $3, due_at = $4, attempts = $5, lease = null,
      failures = failures + case when $3 = 'delivered' then 0 else 1 end
  where id = $1 and lease = $2`;

/** Writes down what came of an attempt; `false` where the lease was lost, and with it the say. */
export async function settleDelivery(sql: Sql, settlement: Settlement): Promise<boolean> {
  const { id, lease, state, dueMs, attempts } = settlement;
  const due = dueMs === null ? null : new Date(dueMs);
  const [, settled] = await sql.query(SETTLE, [id, lease, state, due, JSON.stringify(attempts)]);
  return settled === 1;
}

const RELEASE = `update webhook_deliveries set due_at = $3, lease = null where id = $1 and lease = $2`;

/** Gives back a delivery that was taken and not tried. */
export async function releaseDelivery(sql: Sql, id: string, lease: string, nowMs: number): Promise<void> {
  await sql.query(RELEASE, [id, lease, new Date(nowMs)]);
}

const DISABLE = `
  update webhooks set enabled = false, disabled_reason = 'gone', updated_at = $2 where id = $1 and enabled`;

/** Ends a webhook whose receiver is gone for good. */
export async function disableGone(sql: Sql, webhookId: string, nowMs: number): Promise<void> {
  await sql.query(DISABLE, [webhookId, new Date(nowMs)]);
}
