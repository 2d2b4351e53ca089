import { Injectable } from '@nestjs/common';
import { DEFAULT_TEAM_ID, ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { DataSource } from 'typeorm';
import { SYSTEM } from '../admin-keys/caller.ts';
import { findTeam } from '../teams/sql/read-teams.ts';
import { TeamStore } from '../teams/team-store.ts';
import { OrganizationStore } from './organization-store.ts';
import { findOrganization } from './sql/organization.ts';

/** Instances that start together wait for each other here. An arbitrary number, apart from the relay's. */
const FOUNDING_LOCK = 7_466_321_906;

@Injectable()
export class FoundOrganization {
  constructor(
    private readonly db: DataSource,
    private readonly organization: OrganizationStore,
    private readonly teams: TeamStore,
  ) {}

  /** Makes what a deployment starts with, where it is not there: the organization and the default team. */
  execute(): Promise<void> {
    return this.db.transaction(async (em) => {
      await em.query('select pg_advisory_xact_lock($1)', [FOUNDING_LOCK]);
      const by = { nowMs: Date.now(), actor: SYSTEM.id };
      if (!(await findOrganization(em))) {
        const found = { type: 'found' as const, ...by, id: ORGANIZATION_ID, name: 'Organization' };
        await this.organization.changeIn(em, SYSTEM, found);
      }
      if (!(await findTeam(em, DEFAULT_TEAM_ID, null))) {
        const id = DEFAULT_TEAM_ID;
        const create = { type: 'create' as const, ...by, id, settings: { name: 'Default' } };
        await this.teams.changeIn(em, { caller: SYSTEM, id, commands: [create] });
      }
    });
  }
}
