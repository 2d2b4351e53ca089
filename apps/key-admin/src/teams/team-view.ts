import type { Team } from '@tollgate/contracts/teams-http';
import type { TeamState } from '@tollgate/domain/team/state';
import { limitsInOrder } from '../scopes/limits-in-order.ts';

/**
 * A team as the API shows it.
 * @param names of who made it, where it is read
 */
export const toTeamView = (team: TeamState, liveKeys: number, names?: ReadonlyMap<string, string>): Team => ({
  id: team.id,
  name: team.name,
  limits: limitsInOrder(team.limits),
  live_keys: liveKeys,
  created_at: team.created_at,
  created_by: team.created_by,
  created_by_name: names?.get(team.created_by),
  deleted_at: team.deleted_at,
  version: team.version,
});
