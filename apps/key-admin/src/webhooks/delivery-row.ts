import type { Delivery, DeliveryAttempt, DeliveryState } from '@tollgate/contracts/webhooks';

/** A delivery as lists read it. */
export interface DeliveryRow {
  readonly id: string;
  readonly webhook_id: string;
  readonly event_id: string;
  readonly type: string;
  readonly state: DeliveryState;
  readonly created_at: Date;
  readonly due_at: Date | null;
  readonly attempts: DeliveryAttempt[];
}

export const toDeliveryView = (row: DeliveryRow): Delivery => ({
  id: row.id,
  webhook_id: row.webhook_id,
  type: row.type,
  event_id: row.event_id,
  state: row.state,
  created_at: row.created_at.toISOString(),
  next_attempt_at: row.due_at?.toISOString() ?? null,
  attempts: row.attempts,
});
