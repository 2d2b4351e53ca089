import { Injectable } from '@nestjs/common';
import type { TeamAnswer } from '@tollgate/contracts/teams-http';
import { lockStream } from '@tollgate/event-store/stream';
import type { Caller } from '../admin-keys/caller.ts';
import { RevokeAdminKey } from '../admin-keys/revoke-admin-key.ts';
import { lockKeysOfTeam } from '../admin-keys/sql/revoke-admin-key.ts';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { closeTeam } from './sql/hold-team.ts';
import { TeamStore } from './team-store.ts';
import { toTeamView } from './team-view.ts';

@Injectable()
export class DeleteTeam {
  constructor(
    private readonly store: TeamStore,
    private readonly revokeAdminKey: RevokeAdminKey,
    private readonly applied: AwaitApplied,
  ) {}

  /**
   * Deletes a team that has no live key, for good, with the admin keys that act in it alone; again, it answers the
   * same. What it used stays in the ledger.
   */
  async execute(caller: Caller, id: string, expectedVersion: number | null): Promise<TeamAnswer> {
    await this.store.get(caller, id);
    const by = { nowMs: Date.now(), actor: caller.id };
    const team = await this.store.within(async (em) => {
      // The stream before the row, as whoever changes a team does: else each could wait for the other.
      await lockStream(em, id);
      const live_keys = await closeTeam(em, id);
      // Before anything is written to the audit log, which is the last that any change waits for.
      const adminKeys = await lockKeysOfTeam(em, id);
      const deleted = await this.store.changeIn(em, {
        caller,
        id,
        commands: [{ type: 'delete', ...by, live_keys }],
        expectedVersion,
      });
      await this.revokeAdminKey.allOf(em, caller, adminKeys);
      return deleted;
    });
    const propagation = await this.applied.execute(id, team.version);
    return { ...toTeamView(team, 0), propagation };
  }
}
