import { Injectable } from '@nestjs/common';
import type { Team } from '@tollgate/contracts/teams-http';
import type { Caller } from '../admin-keys/caller.ts';
import { Names } from '../names/names.ts';
import { TeamStore } from './team-store.ts';
import { toTeamView } from './team-view.ts';

@Injectable()
export class GetTeam {
  constructor(
    private readonly store: TeamStore,
    private readonly names: Names,
  ) {}

  async execute(caller: Caller, id: string): Promise<Team> {
    const { state, live_keys } = await this.store.get(caller, id);
    return toTeamView(state, live_keys, await this.names.of([state.created_by]));
  }
}
