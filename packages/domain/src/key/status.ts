import type { KeyStatus } from '@tollgate/contracts/admin-http';
import { toMs } from '../instant.ts';
import type { KeyState } from './state.ts';

/**
 * What a key is at an instant. The order is that of admission: a disabled key that is past its expiry is
 * `disabled`, and becomes `expired` when it is enabled.
 */
export function status(
  key: Pick<KeyState, 'revoked_at' | 'enabled' | 'expires_at'>,
  nowMs: number,
): KeyStatus {
  if (key.revoked_at !== null) return 'revoked';
  if (!key.enabled) return 'disabled';
  if (key.expires_at !== null && toMs(key.expires_at) <= nowMs) return 'expired';
  return 'active';
}
