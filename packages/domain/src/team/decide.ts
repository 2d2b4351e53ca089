import { DEFAULT_TEAM_ID } from '@tollgate/contracts/ids';
import { UNLIMITED } from '@tollgate/contracts/limits';
import { toInstant } from '../instant.ts';
import type { Command } from '../scope/fact.ts';
import { changedSettings, mergeLimits, type SettingsInput } from '../scope/settings.ts';
import type { TeamEvent, TeamSettings } from './events.ts';
import { TeamRefused } from './refusal.ts';
import type { TeamState } from './state.ts';

export interface CreateTeam extends Command<'create'> {
  readonly id: string;
  readonly settings: SettingsInput<TeamSettings> & { readonly name: string };
}
export interface UpdateTeam extends Command<'update'> {
  readonly settings: SettingsInput<TeamSettings>;
}
export interface ResetTeam extends Command<'reset'> {
  readonly reason: string | null;
}
export interface DeleteTeam extends Command<'delete'> {
  /** How many of its keys are not revoked; nobody may add one until the decision is kept. */
  readonly live_keys: number;
}
export type TeamCommand = CreateTeam | UpdateTeam | ResetTeam | DeleteTeam;

/**
 * The events that a command causes, none where it changes nothing.
 * @throws TeamRefused where the team's rules forbid it
 */
export function decide(command: TeamCommand, team: TeamState | null): TeamEvent[] {
  const fact = { at: toInstant(command.nowMs), actor: command.actor };
  if (command.type === 'create') {
    if (team !== null) throw new TeamRefused('team_exists', 'The team exists already.');
    const { id, settings } = command;
    const data = { id, name: settings.name, limits: mergeLimits(UNLIMITED, settings.limits ?? {}) };
    return [{ type: 'TeamCreated', ...fact, data }];
  }
  if (team === null) throw new TeamRefused('team_missing', 'There is no such team.');
  if (command.type === 'delete') {
    if (team.deleted_at !== null) return [];
    refuseNeeded(team, command);
    return [{ type: 'TeamDeleted', ...fact, data: {} }];
  }
  if (team.deleted_at !== null) {
    const message = `The team was deleted at ${team.deleted_at}, which is permanent; create a new team.`;
    throw new TeamRefused('team_deleted', message);
  }
  switch (command.type) {
    case 'update': {
      const change = changedSettings<TeamSettings>(team, command.settings);
      return Object.keys(change).length === 0 ? [] : [{ type: 'TeamUpdated', ...fact, data: change }];
    }
    case 'reset':
      return [{ type: 'TeamReset', ...fact, data: { reason: command.reason } }];
    default:
      return unknownCommand(command);
  }
}

function refuseNeeded({ id }: TeamState, { live_keys }: DeleteTeam): void {
  if (id === DEFAULT_TEAM_ID) {
    const message = 'This team takes the keys that are created without a team, so it cannot be deleted.';
    throw new TeamRefused('team_is_default', message);
  }
  if (live_keys === 0) return;
  const keys = live_keys === 1 ? '1 key that is' : `${live_keys} keys that are`;
  const message =
    `The team has ${keys} not revoked. Find them with GET /v1/keys?team_id=${id} and revoke them first; ` +
    'what was used stays in the ledger.';
  throw new TeamRefused('team_has_keys', message);
}

const unknownCommand = (command: never): never => {
  throw new TypeError(`there is no such command: ${JSON.stringify(command)}`);
};
