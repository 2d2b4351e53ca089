import { randomUUID } from 'node:crypto';
import type { DeliveryAnswer, WebhookMessage } from '@tollgate/contracts/webhooks';
import { newId } from '@tollgate/service-kit/ids';
import type { DataSource } from 'typeorm';
import type { Attempt } from './attempt.ts';
import { toDeliveryView } from './delivery-row.ts';
import { noSuchDelivery, noSuchWebhook } from './not-found.ts';
import { insertDeliveries } from './sql/insert-deliveries.ts';
import { findDelivery } from './sql/read-deliveries.ts';
import { type TakenDelivery, takeDelivery } from './sql/take-deliveries.ts';
import { lockWebhook } from './sql/webhooks.ts';

/** Nobody ends a test; its caller waits for it. */
const NEVER = new AbortController().signal;

export class TestWebhook {
  constructor(
    private readonly db: DataSource,
    private readonly attempt: Attempt,
  ) {}

  /** Sends a `webhook.test` at once, once, also to a disabled webhook; answers what came of it, within 10 s. */
  async execute(webhookId: string): Promise<DeliveryAnswer> {
    const taken = await this.queue(webhookId);
    await this.attempt.execute(taken, NEVER, false);
    const row = await findDelivery(this.db, webhookId, taken.id);
    if (!row) throw noSuchDelivery();
    return { delivery: toDeliveryView(row) };
  }

  /** Queued and taken in one transaction, so that no sender comes first. */
  private queue(webhookId: string): Promise<TakenDelivery> {
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
      return (await takeDelivery(em, id, randomUUID(), nowMs))!;
    });
  }
}
