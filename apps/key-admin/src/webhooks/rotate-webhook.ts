import { Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import type { RotateWebhookBody, WebhookWithSecret } from '@tollgate/contracts/webhooks';
import { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { noSuchWebhook } from './not-found.ts';
import { type SealedSecret, SecretVault } from './secret-vault.ts';
import { saveWebhook } from './sql/save-webhook.ts';
import { lockWebhook } from './sql/webhooks.ts';
import { webhookDeed } from './webhook-deed.ts';
import { liveSecrets, toWebhookView, type WebhookRow } from './webhook-row.ts';

/** Each adds a signature to every delivery. */
const MAX_SECRETS = 5;

@Injectable()
export class RotateWebhook {
  constructor(
    private readonly db: DataSource,
    private readonly vault: SecretVault,
    private readonly audit: AuditTrail,
  ) {}

  /** Gives a webhook a new secret, shown here and never again; the old ones sign beside it for the overlap. */
  async execute(
    caller: Caller,
    id: string,
    { overlap_seconds }: RotateWebhookBody,
  ): Promise<WebhookWithSecret> {
    const nowMs = Date.now();
    const { secret, stored } = this.vault.mint(id);
    return this.db.transaction(async (em) => {
      const row = await lockWebhook(em, id);
      if (!row) throw noSuchWebhook();
      const overlapping = endingBy(row, nowMs, overlap_seconds);
      if (overlapping.length >= MAX_SECRETS) {
        const message =
          `The webhook has ${MAX_SECRETS} secrets that sign already: wait until one of them ends, or rotate with ` +
          'overlap_seconds 0.';
        throw new TollgateError('conflict', message, { param: 'overlap_seconds' });
      }
      const rotated = { ...row, secrets: [stored, ...overlapping], updated_at: new Date(nowMs) };
      await saveWebhook(em, rotated);
      const deed = webhookDeed('webhook.rotated', null, rotated, nowMs);
      await this.audit.record(em, caller, [{ ...deed, after: { overlap_seconds } }]);
      return { webhook: toWebhookView(rotated, nowMs), secret };
    });
  }
}

/** The secrets that go on signing, none of them beyond the overlap. */
function endingBy({ secrets }: WebhookRow, nowMs: number, overlapSeconds: number): SealedSecret[] {
  const endMs = nowMs + overlapSeconds * 1_000;
  const ended = secrets.map((secret) => {
    const itsEndMs = secret.expires_at === null ? endMs : Date.parse(secret.expires_at);
    return { ...secret, expires_at: new Date(Math.min(itsEndMs, endMs)).toISOString() };
  });
  return liveSecrets(ended, nowMs);
}
