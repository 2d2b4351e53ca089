import { UNLIMITED } from '@tollgate/contracts/limits';
import { toInstant } from '../instant.ts';
import { WARNING_THRESHOLDS } from '../metering/breach.ts';
import type { Command } from '../scope/fact.ts';
import { changedSettings, type SettingsInput } from '../scope/settings.ts';
import type { OrganizationEvent, OrganizationSettings } from './events.ts';
import { OrganizationRefused } from './refusal.ts';
import type { OrganizationState } from './state.ts';

export interface FoundOrganization extends Command<'found'> {
  readonly id: string;
  readonly name: string;
}
export interface UpdateOrganization extends Command<'update'> {
  readonly settings: SettingsInput<OrganizationSettings>;
}
export interface ResetOrganization extends Command<'reset'> {
  readonly reason: string | null;
}
export type OrganizationCommand = FoundOrganization | UpdateOrganization | ResetOrganization;

/**
 * The events that a command causes, none where it changes nothing.
 * @throws OrganizationRefused where its rules forbid it
 */
export function decide(
  command: OrganizationCommand,
  organization: OrganizationState | null,
): OrganizationEvent[] {
  const fact = { at: toInstant(command.nowMs), actor: command.actor };
  if (command.type === 'found') {
    if (organization !== null) {
      throw new OrganizationRefused('organization_exists', 'The organization exists already.');
    }
    const { id, name } = command;
    const data = { id, name, limits: UNLIMITED, warning_thresholds: [...WARNING_THRESHOLDS] };
    return [{ type: 'OrganizationFounded', ...fact, data }];
  }
  if (organization === null) {
    throw new OrganizationRefused('organization_missing', 'There is no organization.');
  }
  switch (command.type) {
    case 'update': {
      const change = changedSettings<OrganizationSettings>(organization, command.settings);
      return Object.keys(change).length === 0 ? [] : [{ type: 'OrganizationUpdated', ...fact, data: change }];
    }
    case 'reset':
      return [{ type: 'OrganizationReset', ...fact, data: { reason: command.reason } }];
    default:
      return unknownCommand(command);
  }
}

const unknownCommand = (command: never): never => {
  throw new TypeError(`there is no such command: ${JSON.stringify(command)}`);
};
