import type { AuditAction } from '@tollgate/contracts/audit-http';
import { TollgateError } from '@tollgate/contracts/errors';
import type { EventType } from '@tollgate/contracts/events';
import { decide, type OrganizationCommand } from '@tollgate/domain/organization/decide';
import type { OrganizationEvent } from '@tollgate/domain/organization/events';
import { changeOf, toGatewayState } from '@tollgate/domain/organization/gateway-state';
import { evolve, type OrganizationState } from '@tollgate/domain/organization/state';
import type { ScopeKind } from '../scopes/change-scope.ts';
import { toScopeRecord } from '../scopes/scope-record.ts';
import { saveOrganization } from './sql/organization.ts';

const TOLD_AS: Record<OrganizationEvent['type'], [EventType, AuditAction]> = {
  OrganizationFounded: ['tollgate.organization.updated.v1', 'organization.founded'],
  OrganizationUpdated: ['tollgate.organization.updated.v1', 'organization.updated'],
  OrganizationReset: ['tollgate.organization.reset.v1', 'organization.reset'],
};

export const ORGANIZATION: ScopeKind<OrganizationCommand, OrganizationEvent, OrganizationState> = {
  noun: 'organization',
  decide,
  evolve,
  save: saveOrganization,
  toRecord: (event, after) =>
    toScopeRecord(event, after, {
      type: TOLD_AS[event.type][0],
      change: changeOf(event),
      state: toGatewayState(after),
    }),
  toDeed: (event, { id }) => ({
    action: TOLD_AS[event.type][1],
    target: id,
    team_id: null,
    after: changeOf(event),
  }),
  missing: () =>
    new TollgateError('not_found', 'The organization is made when key-admin starts; start it again.'),
};
