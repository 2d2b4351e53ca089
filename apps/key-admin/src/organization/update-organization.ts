import { Injectable } from '@nestjs/common';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import type { OrganizationAnswer, PatchOrganizationBody } from '@tollgate/contracts/organization-http';
import { MAX_WEBHOOKS } from '@tollgate/contracts/webhooks';
import { lockStream } from '@tollgate/event-store/stream';
import { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { ReplaceWebhooks } from '../webhooks/replace-webhooks.ts';
import { readWebhooks } from '../webhooks/sql/webhooks.ts';
import { toWebhookView } from '../webhooks/webhook-row.ts';
import { OrganizationStore } from './organization-store.ts';
import { toOrganizationView } from './organization-view.ts';

@Injectable()
export class UpdateOrganization {
  constructor(
    private readonly db: DataSource,
    private readonly store: OrganizationStore,
    private readonly replaceWebhooks: ReplaceWebhooks,
    private readonly applied: AwaitApplied,
  ) {}

  /**
   * Changes settings and the list of webhooks, all or nothing; answers once the live gateways know (at most 1 s), with
   * the secrets of new webhooks, here and never again.
   */
  async execute(
    caller: Caller,
    { webhooks: list, ...settings }: PatchOrganizationBody,
    expectedVersion: number | null,
  ): Promise<OrganizationAnswer> {
    const nowMs = Date.now();
    const { state, webhooks, secrets } = await this.db.transaction(async (em) => {
      // Before the webhooks, and before the audit log that tells of them: as whoever changes the organization alone does.
      await lockStream(em, ORGANIZATION_ID);
      const command = { type: 'update' as const, nowMs, actor: caller.id, settings };
      const replaced = list && (await this.replaceWebhooks.execute(caller, list, em));
      return {
        state: await this.store.changeIn(em, caller, command, expectedVersion),
        webhooks:
          replaced?.webhooks ??
          (await readWebhooks(em, null, MAX_WEBHOOKS)).map((row) => toWebhookView(row, nowMs)),
        secrets: replaced?.secrets,
      };
    });
    const propagation = await this.applied.execute(state.id, state.version);
    return {
      ...toOrganizationView(state, webhooks),
      propagation,
      ...(secrets && { webhook_secrets: secrets }),
    };
  }
}
