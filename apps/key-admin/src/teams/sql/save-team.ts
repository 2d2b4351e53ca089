import type { TeamState } from '@tollgate/domain/team/state';
import type { Sql } from '@tollgate/service-kit/postgres';
import { foldName } from '../../fold-name.ts';

const SAVE = `
  insert into teams (id, name_folded, deleted_at, version, state) values ($1, $2, $3, $4, $5)
  on conflict (id) do update set
    name_folded = excluded.name_folded,
    deleted_at  = excluded.deleted_at,
    version     = excluded.version,
    state       = excluded.state`;

/** Writes the read model of one team; the caller holds the lock on its stream. */
export async function saveTeam(sql: Sql, team: TeamState): Promise<void> {
  const { id, name, deleted_at, version } = team;
  await sql.query(SAVE, [id, foldName(name), deleted_at, version, JSON.stringify(team)]);
}
