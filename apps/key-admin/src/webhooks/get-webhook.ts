import { Injectable } from '@nestjs/common';
import type { Webhook } from '@tollgate/contracts/webhooks';
import { DataSource } from 'typeorm';
import { Names } from '../names/names.ts';
import { noSuchWebhook } from './not-found.ts';
import { findWebhook } from './sql/webhooks.ts';
import { toWebhookView } from './webhook-row.ts';

@Injectable()
export class GetWebhook {
  constructor(
    private readonly db: DataSource,
    private readonly names: Names,
  ) {}

  async execute(id: string): Promise<Webhook> {
    const row = await findWebhook(this.db, id);
    if (!row) throw noSuchWebhook();
    return toWebhookView(row, Date.now(), await this.names.of([row.created_by]));
  }
}
