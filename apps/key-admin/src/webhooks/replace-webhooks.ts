import { Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import { MAX_WEBHOOKS, type ReplacedWebhooks, type ReplaceWebhooksBody } from '@tollgate/contracts/webhooks';
import { DataSource, type EntityManager } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { newWebhook } from './create-webhook.ts';
import { ReceiverPolicy } from './receiver-policy.ts';
import { SecretVault } from './secret-vault.ts';
import { deleteWebhooks } from './sql/delete-webhooks.ts';
import { lockList } from './sql/lock-list.ts';
import { saveWebhook } from './sql/save-webhook.ts';
import { readWebhooks } from './sql/webhooks.ts';
import { changedWebhook } from './update-webhook.ts';
import { changeDeed, webhookDeed } from './webhook-deed.ts';
import { toWebhookView, type WebhookRow } from './webhook-row.ts';

@Injectable()
export class ReplaceWebhooks {
  constructor(
    private readonly db: DataSource,
    private readonly vault: SecretVault,
    private readonly policy: ReceiverPolicy,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Makes the webhooks those of a list, all or nothing: an entry with an id changes that webhook as a PATCH would, one
   * without an id makes one, and webhooks that are not in the list are deleted.
   * @param within the transaction to do it in, where it is part of a larger change
   * @param field how the caller's API calls the list, for its errors
   * @returns the webhooks in the order of the list, and the secrets of new ones, shown here and never again
   * @throws TollgateError `invalid_field` where an entry's URL or id is wrong
   */
  async execute(
    caller: Caller,
    list: ReplaceWebhooksBody,
    within?: EntityManager,
    field = 'webhooks',
  ): Promise<ReplacedWebhooks> {
    for (const [i, { url }] of list.entries()) this.policy.check(url, `${field}.${i}.url`);
    const replace = (em: EntityManager) => this.replace(em, caller, list, field);
    return within ? replace(within) : this.db.transaction(replace);
  }

  private async replace(
    em: EntityManager,
    caller: Caller,
    list: ReplaceWebhooksBody,
    field: string,
  ): Promise<ReplacedWebhooks> {
    const nowMs = Date.now();
    await lockList(em);
    const existing = new Map((await readWebhooks(em, null, MAX_WEBHOOKS)).map((row) => [row.id, row]));
    const secrets: ReplacedWebhooks['secrets'] = [];
    const rows = list.map(({ id, ...body }, i): WebhookRow => {
      if (id !== undefined) return changedWebhook(this.known(existing, id, `${field}.${i}.id`), body, nowMs);
      const { row, secret } = newWebhook(caller.id, body, this.vault, nowMs);
      secrets.push({ id: row.id, secret });
      return row;
    });
    const kept = new Set(rows.map(({ id }) => id));
    await deleteWebhooks(
      em,
      [...existing.keys()].filter((id) => !kept.has(id)),
    );
    for (const row of rows) await saveWebhook(em, row);
    const gone = [...existing.values()].filter(({ id }) => !kept.has(id));
    const deeds = [
      ...gone.flatMap((row) => webhookDeed('webhook.deleted', row, null, nowMs)),
      ...rows.flatMap((row) => changeDeed(existing.get(row.id) ?? null, row, nowMs)),
    ];
    await this.audit.record(em, caller, deeds);
    return { webhooks: rows.map((row) => toWebhookView(row, nowMs)), secrets };
  }

  private known(existing: ReadonlyMap<string, WebhookRow>, id: string, param: string): WebhookRow {
    const row = existing.get(id);
    if (row) return row;
    const message = `${param}: there is no such webhook; leave the id out to make one`;
    throw new TollgateError('invalid_field', message, { param });
  }
}
