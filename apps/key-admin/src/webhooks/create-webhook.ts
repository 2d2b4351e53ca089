import { Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import { type CreateWebhookBody, MAX_WEBHOOKS, type WebhookWithSecret } from '@tollgate/contracts/webhooks';
import { newId } from '@tollgate/service-kit/ids';
import { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { ReceiverPolicy } from './receiver-policy.ts';
import { SecretVault } from './secret-vault.ts';
import { lockList } from './sql/lock-list.ts';
import { saveWebhook } from './sql/save-webhook.ts';
import { readWebhooks } from './sql/webhooks.ts';
import { changeDeed } from './webhook-deed.ts';
import { toWebhookView, type WebhookRow } from './webhook-row.ts';

@Injectable()
export class CreateWebhook {
  constructor(
    private readonly db: DataSource,
    private readonly vault: SecretVault,
    private readonly policy: ReceiverPolicy,
    private readonly audit: AuditTrail,
  ) {}

  /** Makes a webhook; answers its secret, here and never again. It is told of what happens from now on. */
  async execute(caller: Caller, body: CreateWebhookBody): Promise<WebhookWithSecret> {
    this.policy.check(body.url);
    const nowMs = Date.now();
    const { row, secret } = newWebhook(caller.id, body, this.vault, nowMs);
    await this.db.transaction(async (em) => {
      await lockList(em);
      const existing = await readWebhooks(em, null, MAX_WEBHOOKS);
      if (existing.length >= MAX_WEBHOOKS) {
        const message = `There are ${MAX_WEBHOOKS} webhooks, which is the most there can be: delete one first.`;
        throw new TollgateError('conflict', message);
      }
      await saveWebhook(em, row);
      await this.audit.record(em, caller, changeDeed(null, row, nowMs));
    });
    return { webhook: toWebhookView(row, nowMs), secret };
  }
}

/** A webhook with a new id and secret, to be stored. */
export function newWebhook(
  actor: string,
  { url, description = null, events = null, enabled = true }: CreateWebhookBody,
  vault: SecretVault,
  nowMs: number,
): { row: WebhookRow; secret: string } {
  const id = newId('whk');
  const { secret, stored } = vault.mint(id);
  const now = new Date(nowMs);
  const row: WebhookRow = {
    id,
    url,
    description,
    events,
    enabled,
    disabled_reason: null,
    secrets: [stored],
    created_at: now,
    created_by: actor,
    updated_at: now,
  };
  return { row, secret };
}
