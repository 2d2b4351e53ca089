/** Why a team's rules forbid a command. */
export type TeamRefusal =
  | 'team_exists'
  | 'team_missing'
  | 'team_deleted'
  | 'team_has_keys'
  | 'team_is_default';

export class TeamRefused extends Error {
  constructor(
    readonly code: TeamRefusal,
    message: string,
  ) {
    super(message);
    this.name = 'TeamRefused';
  }
}
