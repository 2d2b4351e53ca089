import { Injectable } from '@nestjs/common';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import type { OrganizationCommand } from '@tollgate/domain/organization/decide';
import type { OrganizationState } from '@tollgate/domain/organization/state';
import { DataSource, type EntityManager } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { changeScope } from '../scopes/change-scope.ts';
import { ORGANIZATION } from './organization-kind.ts';
import { findOrganization } from './sql/organization.ts';

/** The history of the organization, and its read model. */
@Injectable()
export class OrganizationStore {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  async get(): Promise<OrganizationState> {
    const organization = await findOrganization(this.db);
    if (!organization) throw ORGANIZATION.missing();
    return organization;
  }

  /** Changes the organization in the caller's transaction. */
  changeIn(
    em: EntityManager,
    caller: Caller,
    command: OrganizationCommand,
    expectedVersion: number | null = null,
  ): Promise<OrganizationState> {
    const change = { caller, id: ORGANIZATION_ID, commands: [command], expectedVersion };
    return changeScope(em, this.audit, ORGANIZATION, change);
  }
}
