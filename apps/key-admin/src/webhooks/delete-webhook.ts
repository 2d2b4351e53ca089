import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { noSuchWebhook } from './not-found.ts';
import { deleteWebhooks } from './sql/delete-webhooks.ts';

@Injectable()
export class DeleteWebhook {
  constructor(private readonly db: DataSource) {}

  /** Deletes a webhook with its deliveries; an attempt that is under way is not called back. */
  async execute(id: string): Promise<{ id: string; deleted: true }> {
    if ((await deleteWebhooks(this.db, [id])) === 0) throw noSuchWebhook();
    return { id, deleted: true };
  }
}
