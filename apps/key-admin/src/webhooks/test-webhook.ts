import { randomUUID } from 'node:crypto';
import type { DeliveryAnswer, WebhookMessage } from '@tollgate/contracts/webhooks';
import { newId } from '@tollgate/service-kit/ids';
import type { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { Attempt } from './attempt.ts';
import { toDeliveryView } from './delivery-row.ts';
import { noSuchDelivery, noSuchWebhook } from './not-found.ts';
import { insertDeliveries } from './sql/insert-deliveries.ts';
import { findDelivery } from './sql/read-deliveries.ts';
import { type TakenDelivery, takeDelivery } from './sql/take-deliveries.ts';
import { lockWebhook } from './sql/webhooks.ts';
import { deliveryDeed } from './webhook-deed.ts';

/** Nobody ends a test; its caller waits for it. */
const NEVER = new AbortController().signal;

export class TestWebhook {
  constructor(
    private readonly db: DataSource,
    private readonly attempt: Attempt,
    private readonly audit: AuditTrail,
  ) {}

  /** Sends a `webhook.test` at once, once, also to a disabled webhook; answers what came of it, within 10 s. */
  async execute(caller: Caller, webhookId: string): Promise<DeliveryAnswer> {
    const taken = await this.queue(caller, webhookId);
    await this.attempt.execute(taken, NEVER, false);
    const row = await findDelivery(this.db, webhookId, taken.id);
    if (!row) throw noSuchDelivery();
    return { delivery: toDeliveryView(row) };
  }

  /** Queued and taken in one transaction, so that no sender comes first. */
  private queue(caller: Caller, webhookId: string): Promise<TakenDelivery> {
    const nowMs = Date.now();
    const id = newId('dlv');
    const message: WebhookMessage = {
      type: 'webhook.test',
      timestamp: new Date(nowMs).toISOString(),
      data: { webhook_id: webhookId },
    };
    const { type } = message;
    const delivery = { id, webhookId, eventId: `test/${id}`, type, body: JSON.stringify(message) };
    return this.db.transaction(async (em) => {
      if (!(await lockWebhook(em, webhookId))) throw noSuchWebhook();
      await insertDeliveries(em, [{ ...delivery, state: 'pending' }], nowMs);
      const taken = (await takeDelivery(em, id, randomUUID(), nowMs))!;
      await this.audit.record(em, caller, [deliveryDeed('webhook.tested', webhookId, id, nowMs)]);
      return taken;
    });
  }
}
