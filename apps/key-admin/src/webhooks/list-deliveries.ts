import { Injectable } from '@nestjs/common';
import { deliveryId } from '@tollgate/contracts/ids';
import type { DeliveryPage, ListDeliveriesQuery } from '@tollgate/contracts/webhooks';
import { DataSource } from 'typeorm';
import { readCursor, toPage } from '../page-by-id.ts';
import { toDeliveryView } from './delivery-row.ts';
import { noSuchWebhook } from './not-found.ts';
import { readDeliveries } from './sql/read-deliveries.ts';
import { findWebhook } from './sql/webhooks.ts';

@Injectable()
export class ListDeliveries {
  constructor(private readonly db: DataSource) {}

  /** One page of a webhook's deliveries with their attempts, the newest first; they are kept for 30 days. */
  async execute(webhookId: string, { state, limit, cursor }: ListDeliveriesQuery): Promise<DeliveryPage> {
    const before = readCursor(cursor, deliveryId);
    if (!(await findWebhook(this.db, webhookId))) throw noSuchWebhook();
    const rows = await readDeliveries(this.db, webhookId, state, before, limit + 1);
    const { shown, nextCursor } = toPage(rows, limit);
    return { data: shown.map(toDeliveryView), next_cursor: nextCursor };
  }
}
