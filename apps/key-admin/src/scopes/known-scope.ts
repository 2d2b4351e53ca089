import { Injectable } from '@nestjs/common';
import type { Caller } from '../admin-keys/caller.ts';
import { KeyStore } from '../keys/key-store.ts';
import { OrganizationStore } from '../organization/organization-store.ts';
import { TeamStore } from '../teams/team-store.ts';

/** Looks scopes up, of whatever kind. */
@Injectable()
export class KnownScope {
  constructor(
    private readonly keys: KeyStore,
    private readonly teams: TeamStore,
    private readonly organization: OrganizationStore,
  ) {}

  /** A scope that the caller may see, by an id of any kind. @throws TollgateError `not_found` */
  async get(caller: Caller, id: string): Promise<{ readonly id: string; readonly version: number }> {
    if (id.startsWith('key_')) return this.keys.get(caller, id);
    if (id.startsWith('team_')) return (await this.teams.get(caller, id)).state;
    return this.organization.get();
  }
}
