import { Injectable } from '@nestjs/common';
import type { PatchWebhookBody, Webhook } from '@tollgate/contracts/webhooks';
import { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { noSuchWebhook } from './not-found.ts';
import { ReceiverPolicy } from './receiver-policy.ts';
import { saveWebhook } from './sql/save-webhook.ts';
import { lockWebhook } from './sql/webhooks.ts';
import { changeDeed } from './webhook-deed.ts';
import { toWebhookView, type WebhookRow } from './webhook-row.ts';

@Injectable()
export class UpdateWebhook {
  constructor(
    private readonly db: DataSource,
    private readonly policy: ReceiverPolicy,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Changes what is said, and nothing else. While a webhook is disabled nothing is queued for it; what was queued
   * waits, and goes out when it is enabled within three days.
   */
  async execute(caller: Caller, id: string, body: PatchWebhookBody): Promise<Webhook> {
    if (body.url !== undefined) this.policy.check(body.url);
    const nowMs = Date.now();
    return this.db.transaction(async (em) => {
      const row = await lockWebhook(em, id);
      if (!row) throw noSuchWebhook();
      const changed = changedWebhook(row, body, nowMs);
      await saveWebhook(em, changed);
      await this.audit.record(em, caller, changeDeed(row, changed, nowMs));
      return toWebhookView(changed, nowMs);
    });
  }
}

/** Whoever says `enabled` decides, so the reason for which Tollgate disabled it no longer holds. */
export const changedWebhook = (row: WebhookRow, body: PatchWebhookBody, nowMs: number): WebhookRow => ({
  ...row,
  url: body.url ?? row.url,
  description: body.description === undefined ? row.description : body.description,
  events: body.events === undefined ? row.events : body.events,
  enabled: body.enabled ?? row.enabled,
  disabled_reason: body.enabled === undefined ? row.disabled_reason : null,
  updated_at: new Date(nowMs),
});
