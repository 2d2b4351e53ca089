import type { KeyState } from '@tollgate/domain/key/state';
import type { Sql } from '@tollgate/service-kit/postgres';
import { foldName } from '../../fold-name.ts';

const SAVE = `
  insert into keys (id, team_id, name_folded, owner, environment, enabled, expires_at, revoked_at, created_at,
                    last_four, version, state)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  on conflict (id) do update set
    name_folded = excluded.name_folded,
    owner       = excluded.owner,
    environment = excluded.environment,
    enabled     = excluded.enabled,
    expires_at  = excluded.expires_at,
    revoked_at  = excluded.revoked_at,
    last_four   = excluded.last_four,
    version     = excluded.version,
    state       = excluded.state`;

/** Writes the read model of one key; the caller holds the lock on its stream. */
export async function saveKey(sql: Sql, key: KeyState): Promise<void> {
  await sql.query(SAVE, [
    key.id,
    key.team_id,
    foldName(key.name),
    key.owner,
    key.environment,
    key.enabled,
    key.expires_at,
    key.revoked_at,
    key.created_at,
    key.secrets[0]!.last_four,
    key.version,
    JSON.stringify(key),
  ]);
}
