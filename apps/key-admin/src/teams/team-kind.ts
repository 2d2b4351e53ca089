import { decide, type TeamCommand } from '@tollgate/domain/team/decide';
import type { TeamEvent } from '@tollgate/domain/team/events';
import { changeOf, toGatewayState } from '@tollgate/domain/team/gateway-state';
import { evolve, type TeamState } from '@tollgate/domain/team/state';
import type { ScopeKind } from '../scopes/change-scope.ts';
import { telling } from '../scopes/telling.ts';
import { noSuchTeam } from './no-such-team.ts';
import { saveTeam } from './sql/save-team.ts';

export const TEAM: ScopeKind<TeamCommand, TeamEvent, TeamState> = {
  noun: 'team',
  decide,
  evolve,
  save: saveTeam,
  ...telling({
    as: {
      TeamCreated: ['tollgate.team.created.v1', 'team.created'],
      TeamUpdated: ['tollgate.team.updated.v1', 'team.updated'],
      TeamReset: ['tollgate.team.reset.v1', 'team.reset'],
      TeamDeleted: ['tollgate.team.deleted.v1', 'team.deleted'],
      TeamRestored: ['tollgate.team.updated.v1', 'team.updated'],
    },
    changeOf,
    stateOf: toGatewayState,
    teamOf: ({ id }) => id,
  }),
  missing: noSuchTeam,
};
