import type { AuditAction } from '@tollgate/contracts/audit-http';
import type { EventType } from '@tollgate/contracts/events';
import { decide, type TeamCommand } from '@tollgate/domain/team/decide';
import type { TeamEvent } from '@tollgate/domain/team/events';
import { changeOf, toGatewayState } from '@tollgate/domain/team/gateway-state';
import { evolve, type TeamState } from '@tollgate/domain/team/state';
import type { ScopeKind } from '../scopes/change-scope.ts';
import { toScopeRecord } from '../scopes/scope-record.ts';
import { noSuchTeam } from './no-such-team.ts';
import { saveTeam } from './sql/save-team.ts';

const TOLD_AS: Record<TeamEvent['type'], [EventType, AuditAction]> = {
  TeamCreated: ['tollgate.team.created.v1', 'team.created'],
  TeamUpdated: ['tollgate.team.updated.v1', 'team.updated'],
  TeamReset: ['tollgate.team.reset.v1', 'team.reset'],
  TeamDeleted: ['tollgate.team.deleted.v1', 'team.deleted'],
};

export const TEAM: ScopeKind<TeamCommand, TeamEvent, TeamState> = {
  noun: 'team',
  decide,
  evolve,
  save: saveTeam,
  toRecord: (event, after) =>
    toScopeRecord(event, after, {
      type: TOLD_AS[event.type][0],
      change: changeOf(event),
      state: toGatewayState(after),
    }),
  toDeed: (event, { id }) => ({
    action: TOLD_AS[event.type][1],
    target: id,
    team_id: id,
    after: changeOf(event),
  }),
  missing: noSuchTeam,
};
