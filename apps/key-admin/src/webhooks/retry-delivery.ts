import { Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import type { DeliveryAnswer } from '@tollgate/contracts/webhooks';
import { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { toDeliveryView } from './delivery-row.ts';
import { noSuchDelivery, noSuchWebhook } from './not-found.ts';
import { findDelivery } from './sql/read-deliveries.ts';
import { restartDelivery } from './sql/restart-delivery.ts';
import { findWebhook } from './sql/webhooks.ts';
import { deliveryDeed } from './webhook-deed.ts';

@Injectable()
export class RetryDelivery {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Sends a delivery again, whatever became of it, with the id that it had, and with all its tries before it.
   * @throws TollgateError `conflict` where the webhook is disabled, for then nothing would be sent
   */
  async execute(caller: Caller, webhookId: string, id: string): Promise<DeliveryAnswer> {
    const webhook = await findWebhook(this.db, webhookId);
    if (!webhook) throw noSuchWebhook();
    if (!webhook.enabled) {
      throw new TollgateError('conflict', 'The webhook is disabled, so nothing is sent: enable it first.');
    }
    const nowMs = Date.now();
    await this.db.transaction(async (em) => {
      const restarted = await restartDelivery(em, webhookId, id, nowMs);
      const deed = deliveryDeed('webhook.delivery_retried', webhookId, id, nowMs);
      await this.audit.record(em, caller, restarted ? [deed] : []);
    });
    const row = await findDelivery(this.db, webhookId, id);
    if (!row) throw noSuchDelivery();
    return { delivery: toDeliveryView(row) };
  }
}
