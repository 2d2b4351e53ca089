import { Injectable } from '@nestjs/common';
import type { CreateTeamBody, TeamAnswer } from '@tollgate/contracts/teams-http';
import { newId } from '@tollgate/service-kit/ids';
import type { Caller } from '../admin-keys/caller.ts';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { TeamStore } from './team-store.ts';
import { toTeamView } from './team-view.ts';

@Injectable()
export class CreateTeam {
  constructor(
    private readonly store: TeamStore,
    private readonly applied: AwaitApplied,
  ) {}

  /** Creates a team; answers once the live gateways know it (at most 1 s). */
  async execute(caller: Caller, settings: CreateTeamBody): Promise<TeamAnswer> {
    const id = newId('team');
    const by = { nowMs: Date.now(), actor: caller.id };
    const team = await this.store.change({ caller, id, commands: [{ type: 'create', ...by, id, settings }] });
    const propagation = await this.applied.execute(id, team.version);
    return { ...toTeamView(team, 0), propagation };
  }
}
