import { Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import type { DeliveryAnswer } from '@tollgate/contracts/webhooks';
import { DataSource } from 'typeorm';
import { toDeliveryView } from './delivery-row.ts';
import { noSuchDelivery, noSuchWebhook } from './not-found.ts';
import { findDelivery } from './sql/read-deliveries.ts';
import { restartDelivery } from './sql/restart-delivery.ts';
import { findWebhook } from './sql/webhooks.ts';

@Injectable()
export class RetryDelivery {
  constructor(private readonly db: DataSource) {}

  /**
   * Sends a delivery again, whatever became of it, with the id that it had, and with all its tries before it.
   * @throws TollgateError `conflict` where the webhook is disabled, for then nothing would be sent
   */
  async execute(webhookId: string, id: string): Promise<DeliveryAnswer> {
    const webhook = await findWebhook(this.db, webhookId);
    if (!webhook) throw noSuchWebhook();
    if (!webhook.enabled) {
      throw new TollgateError('conflict', 'The webhook is disabled, so nothing is sent: enable it first.');
    }
    await restartDelivery(this.db, webhookId, id, Date.now());
    const row = await findDelivery(this.db, webhookId, id);
    if (!row) throw noSuchDelivery();
    return { delivery: toDeliveryView(row) };
  }
}
