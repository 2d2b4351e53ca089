import type { SecretDigest } from '@tollgate/contracts/events';
import { atZero, type Limited, withSettings } from '../scope/settings.ts';
import type { KeyEvent, KeySettings } from './events.ts';

/** A key as its history tells it. `null` stands for one that was never created. */
export interface KeyState extends KeySettings, Limited {
  readonly id: string;
  readonly team_id: string;
  readonly enabled: boolean;
  readonly created_at: string;
  readonly created_by: string;
  readonly revoked_at: string | null;
  /** The current secret first, then those it replaced, each with the end of its overlap. */
  readonly secrets: readonly SecretDigest[];
  /** The number of events in the key's history, those that a restored database has lost included. */
  readonly version: number;
}

/** Applies one event. One of an unknown type, written by a later release, counts as a version and changes nothing. */
export function evolve(state: KeyState | null, event: KeyEvent): KeyState | null {
  if (event.type === 'KeyCreated') return created(event);
  if (event.type === 'KeyRestored') return event.data;
  if (state === null) return null;
  return { ...state, ...changed(state, event), version: state.version + 1 };
}

function created({ at, actor, data }: Extract<KeyEvent, { type: 'KeyCreated' }>): KeyState {
  const { secret, ...settings } = data;
  return {
    allowed_models: null,
    allowed_ips: null,
    ...settings,
    enabled: true,
    created_at: at,
    created_by: actor,
    revoked_at: null,
    secrets: [{ ...secret, expires_at: null }],
    limit_revision: 1,
    generation: 0,
    version: 1,
  };
}

function changed(
  state: KeyState,
  event: Exclude<KeyEvent, { type: 'KeyCreated' | 'KeyRestored' }>,
): Partial<KeyState> {
  switch (event.type) {
    case 'KeyUpdated':
      return withSettings(state, event.data);
    case 'KeyEnabled':
      return { enabled: true };
    case 'KeyDisabled':
      return { enabled: false };
    case 'KeyRotated':
      return { secrets: [{ ...event.data.secret, expires_at: null }, ...event.data.overlapping] };
    case 'KeyReset':
      return atZero(state);
    case 'KeyRevoked':
      return { revoked_at: event.at };
    default:
      return {};
  }
}

/** A key's state from its whole history, or `null` where there is none. */
export const foldKey = (history: Iterable<KeyEvent>): KeyState | null => {
  let state: KeyState | null = null;
  for (const event of history) state = evolve(state, event);
  return state;
};
