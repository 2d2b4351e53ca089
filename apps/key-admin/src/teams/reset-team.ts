import { Injectable } from '@nestjs/common';
import type { ResetBody } from '@tollgate/contracts/admin-http';
import type { TeamAnswer } from '@tollgate/contracts/teams-http';
import type { Caller } from '../admin-keys/caller.ts';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { TeamStore } from './team-store.ts';
import { toTeamView } from './team-view.ts';

@Injectable()
export class ResetTeam {
  constructor(
    private readonly store: TeamStore,
    private readonly applied: AwaitApplied,
  ) {}

  /** Starts the team's counters at zero within the period; those of its keys go on. */
  async execute(
    caller: Caller,
    id: string,
    { reason }: ResetBody,
    expectedVersion: number | null,
  ): Promise<TeamAnswer> {
    const { live_keys } = await this.store.get(caller, id);
    const by = { nowMs: Date.now(), actor: caller.id };
    const team = await this.store.change({
      caller,
      id,
      commands: [{ type: 'reset', ...by, reason: reason ?? null }],
      expectedVersion,
    });
    const propagation = await this.applied.execute(id, team.version);
    return { ...toTeamView(team, live_keys), propagation };
  }
}
