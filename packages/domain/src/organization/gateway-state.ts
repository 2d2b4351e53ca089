import type { OrganizationState as GatewayOrganizationState } from '@tollgate/contracts/events';
import type { OrganizationEvent } from './events.ts';
import type { OrganizationState } from './state.ts';

/** What of the organization goes to gateways and metering. */
export const toGatewayState = (organization: OrganizationState): GatewayOrganizationState => ({
  id: organization.id,
  name: organization.name,
  limits: organization.limits,
  limit_revision: organization.limit_revision,
  generation: organization.generation,
  warning_thresholds: [...organization.warning_thresholds],
});

/** The fields that an event changed, with their new values, for whoever follows changes. */
export const changeOf = (event: OrganizationEvent): Record<string, unknown> =>
  event.type === 'OrganizationRestored' ? { restored: true } : { ...event.data };
