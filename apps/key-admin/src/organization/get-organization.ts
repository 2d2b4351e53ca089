import { Injectable } from '@nestjs/common';
import type { Organization, OrganizationOverview } from '@tollgate/contracts/organization-http';
import { MAX_WEBHOOKS, type Webhook } from '@tollgate/contracts/webhooks';
import { DataSource } from 'typeorm';
import { type Caller, isAtLeast } from '../admin-keys/caller.ts';
import { ScopeMeter } from '../usage/scope-meter.ts';
import { readWebhooks } from '../webhooks/sql/webhooks.ts';
import { toWebhookView } from '../webhooks/webhook-row.ts';
import { OrganizationStore } from './organization-store.ts';
import { toOrganizationView } from './organization-view.ts';

@Injectable()
export class GetOrganization {
  constructor(
    private readonly db: DataSource,
    private readonly store: OrganizationStore,
    private readonly meter: ScopeMeter,
  ) {}

  async execute(caller: Caller): Promise<Organization> {
    return toOrganizationView(await this.store.get(), await this.webhooks(caller));
  }

  /** With what all keys used together, what is left and its last warnings, breaches and resets. */
  async overview(caller: Caller): Promise<OrganizationOverview> {
    const state = await this.store.get();
    const [{ meter, history }, webhooks] = await Promise.all([this.meter.of(state), this.webhooks(caller)]);
    return { organization: toOrganizationView(state, webhooks), meter, history };
  }

  /** Those who read webhooks elsewhere read them here; addresses of webhooks can be secrets. */
  private async webhooks(caller: Caller): Promise<Webhook[] | null> {
    if (!isAtLeast(caller.role, 'admin')) return null;
    const nowMs = Date.now();
    return (await readWebhooks(this.db, null, MAX_WEBHOOKS)).map((row) => toWebhookView(row, nowMs));
  }
}
