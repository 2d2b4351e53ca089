import type { Key } from '@tollgate/contracts/admin-http';
import type { KeyState } from '@tollgate/domain/key/state';
import { status } from '@tollgate/domain/key/status';
import { shownPrefix } from '@tollgate/service-kit/tokens';
import { limitsInOrder } from '../scopes/limits-in-order.ts';

/**
 * A key as the API shows it.
 * @param names of its team and of who made it, where it is read
 */
export const toKeyView = (
  key: KeyState,
  nowMs: number,
  lastUsedAt: string | null,
  names?: ReadonlyMap<string, string>,
): Key => ({
  id: key.id,
  name: key.name,
  team_id: key.team_id,
  owner: key.owner,
  environment: key.environment,
  purpose: key.purpose,
  status: status(key, nowMs),
  enabled: key.enabled,
  prefix: shownPrefix('tg', key.id),
  last_four: key.secrets[0]!.last_four,
  created_at: key.created_at,
  created_by: key.created_by,
  team_name: names?.get(key.team_id),
  created_by_name: names?.get(key.created_by),
  expires_at: key.expires_at,
  last_used_at: lastUsedAt,
  limits: limitsInOrder(key.limits),
  allowed_models: key.allowed_models && [...key.allowed_models],
  allowed_ips: key.allowed_ips && [...key.allowed_ips],
  metadata: { ...key.metadata },
  version: key.version,
});
