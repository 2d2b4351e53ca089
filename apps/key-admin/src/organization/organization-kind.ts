import { TollgateError } from '@tollgate/contracts/errors';
import { decide, type OrganizationCommand } from '@tollgate/domain/organization/decide';
import type { OrganizationEvent } from '@tollgate/domain/organization/events';
import { changeOf, toGatewayState } from '@tollgate/domain/organization/gateway-state';
import { evolve, type OrganizationState } from '@tollgate/domain/organization/state';
import type { ScopeKind } from '../scopes/change-scope.ts';
import { telling } from '../scopes/telling.ts';
import { saveOrganization } from './sql/organization.ts';

export const ORGANIZATION: ScopeKind<OrganizationCommand, OrganizationEvent, OrganizationState> = {
  noun: 'organization',
  decide,
  evolve,
  save: saveOrganization,
  ...telling({
    as: {
      OrganizationFounded: ['tollgate.organization.updated.v1', 'organization.founded'],
      OrganizationUpdated: ['tollgate.organization.updated.v1', 'organization.updated'],
      OrganizationReset: ['tollgate.organization.reset.v1', 'organization.reset'],
      OrganizationRestored: ['tollgate.organization.updated.v1', 'organization.updated'],
    },
    changeOf,
    stateOf: toGatewayState,
    teamOf: () => null,
  }),
  missing: () =>
    new TollgateError('not_found', 'The organization is made when key-admin starts; start it again.'),
};
