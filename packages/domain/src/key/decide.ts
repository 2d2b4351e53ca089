import type { SecretDigest } from '@tollgate/contracts/events';
import { UNLIMITED } from '@tollgate/contracts/limits';
import { LAST_INSTANT_MS, toInstant, toMs } from '../instant.ts';
import type { Command } from '../scope/fact.ts';
import { changedSettings, mergeLimits, type SettingsInput } from '../scope/settings.ts';
import type { CurrentSecret, KeyEvent, KeySettings } from './events.ts';
import { KeyRefused } from './refusal.ts';
import type { KeyState } from './state.ts';

export interface CreateKey extends Command<'create'> {
  readonly id: string;
  readonly team_id: string;
  readonly settings: SettingsInput<KeySettings> & { readonly name: string };
  readonly secret: CurrentSecret;
}
export interface UpdateKey extends Command<'update'> {
  readonly settings: SettingsInput<KeySettings>;
}
export interface RotateKey extends Command<'rotate'> {
  readonly secret: CurrentSecret;
  /** How long the replaced secret still opens the door; 0 says that it leaked, and ends every replaced one. */
  readonly overlap_seconds: number;
}
export interface ResetKey extends Command<'reset'> {
  readonly reason: string | null;
}
export type KeyCommand =
  | CreateKey
  | UpdateKey
  | Command<'enable'>
  | Command<'disable'>
  | RotateKey
  | ResetKey
  | Command<'revoke'>;

/** A key has at most so many secrets at a time: the current one and those that still overlap with it. */
export const MAX_SECRETS = 5;

/**
 * The events that a command causes, none where it changes nothing.
 * @throws KeyRefused where the key's rules forbid it
 */
export function decide(command: KeyCommand, key: KeyState | null): KeyEvent[] {
  const fact = { at: toInstant(command.nowMs), actor: command.actor };
  if (command.type === 'create') {
    if (key !== null) throw new KeyRefused('key_exists', 'The key exists already.');
    return [{ type: 'KeyCreated', ...fact, data: newKey(command) }];
  }
  if (key === null) throw new KeyRefused('key_missing', 'There is no such key.');
  if (command.type === 'revoke') {
    return key.revoked_at === null ? [{ type: 'KeyRevoked', ...fact, data: {} }] : [];
  }
  if (key.revoked_at !== null) {
    const message = `The key was revoked at ${key.revoked_at}, which is permanent; create a new key.`;
    throw new KeyRefused('key_revoked', message);
  }
  switch (command.type) {
    case 'update': {
      const change = changeOf(key, command);
      return Object.keys(change).length === 0 ? [] : [{ type: 'KeyUpdated', ...fact, data: change }];
    }
    case 'enable':
      return key.enabled ? [] : [{ type: 'KeyEnabled', ...fact, data: {} }];
    case 'disable':
      return key.enabled ? [{ type: 'KeyDisabled', ...fact, data: {} }] : [];
    case 'rotate':
      return [{ type: 'KeyRotated', ...fact, data: rotated(key, command) }];
    case 'reset':
      return [{ type: 'KeyReset', ...fact, data: { reason: command.reason } }];
    default:
      return unknownCommand(command);
  }
}

function newKey({ id, team_id, settings, secret, nowMs }: CreateKey) {
  const expires_at = settings.expires_at ?? null;
  refuseUnusableExpiry(expires_at, nowMs);
  return {
    id,
    team_id,
    name: settings.name,
    owner: settings.owner ?? null,
    environment: settings.environment ?? null,
    purpose: settings.purpose ?? null,
    expires_at,
    limits: mergeLimits(UNLIMITED, settings.limits ?? {}),
    allowed_models: settings.allowed_models ?? null,
    allowed_ips: settings.allowed_ips ?? null,
    metadata: settings.metadata ?? {},
    secret,
  };
}

function changeOf(key: KeyState, { settings, nowMs }: UpdateKey): Partial<KeySettings> {
  const change = changedSettings<KeySettings>(key, settings);
  // An expiry that is sent back unchanged is no change, though it may have passed since it was set.
  if (change.expires_at !== undefined) refuseUnusableExpiry(change.expires_at, nowMs);
  return change;
}

function refuseUnusableExpiry(expires_at: string | null, nowMs: number): void {
  if (expires_at === null) return;
  const ms = toMs(expires_at);
  if (ms <= nowMs) {
    const message = `expires_at: must be in the future; it is ${toInstant(nowMs)} now`;
    throw new KeyRefused('expiry_unusable', message, 'expires_at');
  }
  if (ms > LAST_INSTANT_MS) {
    const message = 'expires_at: must be before the year 10000; null means never';
    throw new KeyRefused('expiry_unusable', message, 'expires_at');
  }
}

function rotated(key: KeyState, { secret, overlap_seconds, nowMs }: RotateKey) {
  const overlapping = overlap_seconds === 0 ? [] : stillOverlapping(key.secrets, nowMs, overlap_seconds);
  if (overlapping.length >= MAX_SECRETS) {
    const [firstEnd] = overlapping.map(({ expires_at }) => expires_at).sort();
    const message =
      `The key has ${MAX_SECRETS} working secrets already. Wait until ${firstEnd}, when the first of them ` +
      'ends, or rotate with overlap_seconds 0, which ends all of them at once.';
    throw new KeyRefused('too_many_secrets', message, 'overlap_seconds');
  }
  return { secret, overlapping, overlap_seconds };
}

/** The secrets that stay usable beside a new one: the current one for the overlap, older ones as long as they had. */
function stillOverlapping(secrets: readonly SecretDigest[], nowMs: number, overlap_seconds: number) {
  const end = toInstant(nowMs + overlap_seconds * 1_000);
  return secrets
    .filter(({ expires_at }) => expires_at === null || toMs(expires_at) > nowMs)
    .map((secret) => ({ ...secret, expires_at: secret.expires_at ?? end }));
}

const unknownCommand = (command: never): never => {
  throw new TypeError(`there is no such command: ${JSON.stringify(command)}`);
};
