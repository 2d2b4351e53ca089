import { Injectable } from '@nestjs/common';
import { webhookId } from '@tollgate/contracts/ids';
import type { ListWebhooksQuery, WebhookPage } from '@tollgate/contracts/webhooks';
import { DataSource } from 'typeorm';
import { Names } from '../names/names.ts';
import { readCursor, toPage } from '../page-by-id.ts';
import { readWebhooks } from './sql/webhooks.ts';
import { toWebhookView } from './webhook-row.ts';

@Injectable()
export class ListWebhooks {
  constructor(
    private readonly db: DataSource,
    private readonly names: Names,
  ) {}

  /** One page, the newest first. */
  async execute({ limit, cursor }: ListWebhooksQuery): Promise<WebhookPage> {
    const rows = await readWebhooks(this.db, readCursor(cursor, webhookId), limit + 1);
    const { shown, nextCursor } = toPage(rows, limit);
    const names = await this.names.of(shown.map(({ created_by }) => created_by));
    const nowMs = Date.now();
    return { data: shown.map((row) => toWebhookView(row, nowMs, names)), next_cursor: nextCursor };
  }
}
