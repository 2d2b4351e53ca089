import { Injectable } from '@nestjs/common';
import type { TeamOverview } from '@tollgate/contracts/teams-http';
import type { Caller } from '../admin-keys/caller.ts';
import { ScopeMeter } from '../usage/scope-meter.ts';
import { TeamStore } from './team-store.ts';
import { toTeamView } from './team-view.ts';

@Injectable()
export class OverviewTeam {
  constructor(
    private readonly store: TeamStore,
    private readonly meter: ScopeMeter,
  ) {}

  /** A team with what its keys used together, what it has left and its last warnings, breaches and resets. */
  async execute(caller: Caller, id: string): Promise<TeamOverview> {
    const { state, live_keys } = await this.store.get(caller, id);
    const { meter, history } = await this.meter.of(state);
    return { team: toTeamView(state, live_keys), meter, history };
  }
}
