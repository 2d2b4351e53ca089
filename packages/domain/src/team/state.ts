import { atZero, type Limited, withSettings } from '../scope/settings.ts';
import type { TeamEvent, TeamSettings } from './events.ts';

/** A team as its history tells it. `null` stands for one that was never created. */
export interface TeamState extends TeamSettings, Limited {
  readonly id: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly deleted_at: string | null;
  /** The number of events in the team's history. */
  readonly version: number;
}

/** Applies one event. One of an unknown type, written by a later release, counts as a version and changes nothing. */
export function evolve(state: TeamState | null, event: TeamEvent): TeamState | null {
  if (event.type === 'TeamCreated') {
    return {
      ...event.data,
      created_at: event.at,
      created_by: event.actor,
      deleted_at: null,
      limit_revision: 1,
      generation: 0,
      version: 1,
    };
  }
  if (event.type === 'TeamRestored') return event.data;
  if (state === null) return null;
  return { ...state, ...changed(state, event), version: state.version + 1 };
}

function changed(
  state: TeamState,
  event: Exclude<TeamEvent, { type: 'TeamCreated' | 'TeamRestored' }>,
): Partial<TeamState> {
  switch (event.type) {
    case 'TeamUpdated':
      return withSettings(state, event.data);
    case 'TeamReset':
      return atZero(state);
    case 'TeamDeleted':
      return { deleted_at: event.at };
    default:
      return {};
  }
}
