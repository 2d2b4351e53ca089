import { Injectable } from '@nestjs/common';
import type { PatchTeamBody, TeamAnswer } from '@tollgate/contracts/teams-http';
import type { Caller } from '../admin-keys/caller.ts';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { TeamStore } from './team-store.ts';
import { toTeamView } from './team-view.ts';

@Injectable()
export class UpdateTeam {
  constructor(
    private readonly store: TeamStore,
    private readonly applied: AwaitApplied,
  ) {}

  /** Changes a team's name and limits; answers once the live gateways know (at most 1 s). */
  async execute(
    caller: Caller,
    id: string,
    settings: PatchTeamBody,
    expectedVersion: number | null,
  ): Promise<TeamAnswer> {
    const { live_keys } = await this.store.get(caller, id);
    const by = { nowMs: Date.now(), actor: caller.id };
    const team = await this.store.change({
      caller,
      id,
      commands: [{ type: 'update', ...by, settings }],
      expectedVersion,
    });
    const propagation = await this.applied.execute(id, team.version);
    return { ...toTeamView(team, live_keys), propagation };
  }
}
