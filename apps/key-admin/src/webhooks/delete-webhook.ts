import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { noSuchWebhook } from './not-found.ts';
import { deleteWebhooks } from './sql/delete-webhooks.ts';
import { lockWebhook } from './sql/webhooks.ts';
import { webhookDeed } from './webhook-deed.ts';

@Injectable()
export class DeleteWebhook {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /** Deletes a webhook with its deliveries; an attempt that is under way is not called back. */
  execute(caller: Caller, id: string): Promise<{ id: string; deleted: true }> {
    return this.db.transaction(async (em) => {
      const row = await lockWebhook(em, id);
      if (!row) throw noSuchWebhook();
      await deleteWebhooks(em, [id]);
      await this.audit.record(em, caller, [webhookDeed('webhook.deleted', row, null, Date.now())]);
      return { id, deleted: true };
    });
  }
}
