import { Injectable } from '@nestjs/common';
import type { TeamOverview } from '@tollgate/contracts/teams-http';
import type { Caller } from '../admin-keys/caller.ts';
import { Names } from '../names/names.ts';
import { ScopeMeter } from '../usage/scope-meter.ts';
import { TeamStore } from './team-store.ts';
import { toTeamView } from './team-view.ts';

@Injectable()
export class OverviewTeam {
  constructor(
    private readonly store: TeamStore,
    private readonly meter: ScopeMeter,
    private readonly names: Names,
  ) {}

  /** A team with what its keys used together, what it has left and its last warnings, breaches and resets. */
  async execute(caller: Caller, id: string): Promise<TeamOverview> {
    const { state, live_keys } = await this.store.get(caller, id);
    const [{ meter, history }, names] = await Promise.all([
      this.meter.of(state),
      this.names.of([state.created_by]),
    ]);
    return { team: toTeamView(state, live_keys, names), meter, history };
  }
}
