import { Injectable } from '@nestjs/common';
import type { ResetBody } from '@tollgate/contracts/admin-http';
import type { OrganizationAnswer } from '@tollgate/contracts/organization-http';
import { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { GetOrganization } from './get-organization.ts';
import { OrganizationStore } from './organization-store.ts';

@Injectable()
export class ResetOrganization {
  constructor(
    private readonly db: DataSource,
    private readonly store: OrganizationStore,
    private readonly organization: GetOrganization,
    private readonly applied: AwaitApplied,
  ) {}

  /** Starts the organization's counters at zero within the period; those of teams and keys go on. */
  async execute(
    caller: Caller,
    { reason }: ResetBody,
    expectedVersion: number | null,
  ): Promise<OrganizationAnswer> {
    const command = { type: 'reset' as const, nowMs: Date.now(), actor: caller.id, reason: reason ?? null };
    const { id, version } = await this.db.transaction((em) =>
      this.store.changeIn(em, caller, command, expectedVersion),
    );
    const propagation = await this.applied.execute(id, version);
    return { ...(await this.organization.execute(caller)), propagation };
  }
}
