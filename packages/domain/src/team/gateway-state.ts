import type { TeamState as GatewayTeamState } from '@tollgate/contracts/events';
import type { TeamEvent } from './events.ts';
import type { TeamState } from './state.ts';

/** What of a team goes to gateways and metering, and nothing that people alone read. */
export const toGatewayState = (team: TeamState): GatewayTeamState => ({
  id: team.id,
  name: team.name,
  limits: team.limits,
  limit_revision: team.limit_revision,
  generation: team.generation,
  deleted_at: team.deleted_at,
});

/** The fields that an event changed, with their new values, for whoever follows changes. */
export function changeOf(event: TeamEvent): Record<string, unknown> {
  if (event.type === 'TeamRestored') return { restored: true };
  return event.type === 'TeamDeleted' ? { deleted_at: event.at } : { ...event.data };
}
