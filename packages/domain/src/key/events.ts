import type { SecretDigest } from '@tollgate/contracts/events';
import type { Limits } from '@tollgate/contracts/limits';
import type { Fact } from '../scope/fact.ts';
import type { Limited } from '../scope/settings.ts';

/** What an administrator may change of a key besides its secrets and whether it is enabled. */
export interface KeySettings {
  readonly name: string;
  readonly owner: string | null;
  readonly environment: string | null;
  readonly purpose: string | null;
  /** RFC 3339 in UTC with milliseconds; `null` is never. */
  readonly expires_at: string | null;
  readonly limits: Limits;
  /** Models it may use, by name or by a pattern with `*`; `null` is any. */
  readonly allowed_models: readonly string[] | null;
  /** Addresses and CIDRs it may be used from; `null` is anywhere. */
  readonly allowed_ips: readonly string[] | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A secret that opens the door until it is replaced. */
export type CurrentSecret = Omit<SecretDigest, 'expires_at'>;

/** Settings that keys did not have from the start: absent in the creation of an older one, where they mean `null`. */
type LaterSettings = 'allowed_models' | 'allowed_ips';

export type KeyCreated = Fact<
  'KeyCreated',
  Omit<KeySettings, LaterSettings> &
    Partial<Pick<KeySettings, LaterSettings>> & {
      readonly id: string;
      readonly team_id: string;
      readonly secret: CurrentSecret;
    }
>;
/** Carries the settings that changed, with their new values; limits always whole. */
export type KeyUpdated = Fact<'KeyUpdated', Partial<KeySettings>>;
export type KeyEnabled = Fact<'KeyEnabled', Readonly<Record<never, never>>>;
export type KeyDisabled = Fact<'KeyDisabled', Readonly<Record<never, never>>>;
/** `overlapping` are the replaced secrets that still open the door, each until its `expires_at`. */
export type KeyRotated = Fact<
  'KeyRotated',
  {
    readonly secret: CurrentSecret;
    readonly overlapping: readonly SecretDigest[];
    readonly overlap_seconds: number;
  }
>;
export type KeyReset = Fact<'KeyReset', { readonly reason: string | null }>;
export type KeyRevoked = Fact<'KeyRevoked', Readonly<Record<never, never>>>;

/** A database restored from a backup took over from the topic what it had lost: the whole state, as it stands there. */
export type KeyRestored = Fact<
  'KeyRestored',
  KeySettings &
    Limited & {
      readonly id: string;
      readonly team_id: string;
      readonly enabled: boolean;
      readonly created_at: string;
      readonly created_by: string;
      readonly revoked_at: string | null;
      readonly secrets: readonly SecretDigest[];
      readonly version: number;
    }
>;

export type KeyEvent =
  | KeyCreated
  | KeyUpdated
  | KeyEnabled
  | KeyDisabled
  | KeyRotated
  | KeyReset
  | KeyRevoked
  | KeyRestored;
