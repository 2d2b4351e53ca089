import { Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import type { TeamCommand } from '@tollgate/domain/team/decide';
import { TeamRefused } from '@tollgate/domain/team/refusal';
import type { TeamState } from '@tollgate/domain/team/state';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { type Change, changeScope } from '../scopes/change-scope.ts';
import { isTaken } from '../scopes/is-taken.ts';
import { noSuchTeam } from './no-such-team.ts';
import { findTeam, type TeamRow } from './sql/read-teams.ts';
import { TEAM } from './team-kind.ts';

/** The history of every team, and its read model. */
@Injectable()
export class TeamStore {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /** A team that the caller may see, deleted ones included. @throws TollgateError `not_found` */
  async get(caller: Caller, id: string): Promise<TeamRow> {
    const team = await findTeam(this.db, id, caller.team_id);
    if (!team) throw noSuchTeam();
    return team;
  }

  /** Creates or changes a team. @throws TollgateError where the team's rules or another team's name forbid it */
  change(change: Change<TeamCommand>): Promise<TeamState> {
    return this.within((em) => this.changeIn(em, change));
  }

  /** Does the same as a part of more. */
  changeIn(em: EntityManager, change: Change<TeamCommand>): Promise<TeamState> {
    return changeScope(em, this.audit, TEAM, change);
  }

  /** Runs a transaction, and says in the API's words what the domain or the database refuses in it. */
  async within(work: (em: EntityManager) => Promise<TeamState>): Promise<TeamState> {
    try {
      return await this.db.transaction(work);
    } catch (error) {
      throw explained(error);
    }
  }
}

function explained(error: unknown): unknown {
  if (error instanceof QueryFailedError && isTaken(error, 'teams_live_name')) {
    const message = 'Another team has this name, whatever its case; choose another.';
    return new TollgateError('name_taken', message, { param: 'name' });
  }
  if (!(error instanceof TeamRefused)) return error;
  if (error.code === 'team_missing') return noSuchTeam();
  return new TollgateError('conflict', error.message);
}
