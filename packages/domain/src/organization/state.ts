import { atZero, type Limited, withSettings } from '../scope/settings.ts';
import type { OrganizationEvent, OrganizationSettings } from './events.ts';

/** The organization as its history tells it. `null` stands for one that was never founded. */
export interface OrganizationState extends OrganizationSettings, Limited {
  readonly id: string;
  /** The number of events in its history. */
  readonly version: number;
}

/** Applies one event. One of an unknown type, written by a later release, counts as a version and changes nothing. */
export function evolve(state: OrganizationState | null, event: OrganizationEvent): OrganizationState | null {
  if (event.type === 'OrganizationFounded') {
    return { ...event.data, limit_revision: 1, generation: 0, version: 1 };
  }
  if (event.type === 'OrganizationRestored') return event.data;
  if (state === null) return null;
  return { ...state, ...changed(state, event), version: state.version + 1 };
}

function changed(
  state: OrganizationState,
  event: Exclude<OrganizationEvent, { type: 'OrganizationFounded' }>,
): Partial<OrganizationState> {
  switch (event.type) {
    case 'OrganizationUpdated':
      return withSettings(state, event.data);
    case 'OrganizationReset':
      return atZero(state);
    default:
      return {};
  }
}
