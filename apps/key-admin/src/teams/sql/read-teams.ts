import type { TeamState } from '@tollgate/domain/team/state';
import type { Sql } from '@tollgate/service-kit/postgres';

export interface TeamRow {
  readonly state: TeamState;
  readonly name_folded: string;
  readonly live_keys: number;
}

const COLUMNS = `
  state, name_folded,
  (select count(*)::int from keys where team_id = teams.id and revoked_at is null) as live_keys`;

const FIND = `select ${COLUMNS} from teams where id = $1 and ($2::text is null or id = $2)`;

const LIST = `
  select ${COLUMNS} from teams
  where deleted_at is null
    and ($1::text is null or id = $1)
    and ($2::text is null or name_folded like $2)
    and ($3::text is null or (name_folded, id) > ($3::text, $4::text))
  order by name_folded, id
  limit $5`;

/** @param within the one team in which the caller acts; `null` is all */
export async function findTeam(sql: Sql, id: string, within: string | null): Promise<TeamRow | null> {
  const [row] = await sql.query(FIND, [id, within]);
  return row ?? null;
}

export interface Wanted {
  readonly within: string | null;
  /** A pattern of folded names. */
  readonly pattern: string | undefined;
  /** The folded name and the id of the last one seen. */
  readonly after: readonly [name: string, id: string] | null;
  readonly limit: number;
}

/** Teams that are not deleted, by name. */
export const listTeams = (sql: Sql, { within, pattern, after, limit }: Wanted): Promise<TeamRow[]> =>
  sql.query(LIST, [within, pattern, after?.[0], after?.[1], limit]);
