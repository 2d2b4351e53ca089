import type { KeyState } from '@tollgate/domain/key/state';
import type { Sql } from '@tollgate/service-kit/postgres';

const FIND = 'select state from keys where id = $1 and ($2::text is null or team_id = $2)';

/** @param within the one team in which the caller acts; `null` is all */
export async function findKey(sql: Sql, id: string, within: string | null): Promise<KeyState | null> {
  const [row] = await sql.query(FIND, [id, within]);
  return row?.state ?? null;
}
