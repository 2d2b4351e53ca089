import type { Limits } from '@tollgate/contracts/limits';
import type { Sql } from '@tollgate/service-kit/postgres';

const READ = `
  select id, state -> 'limits' as limits from keys
  where id = any($1) and ($2::text is null or team_id = $2)
  union all
  select id, state -> 'limits' from teams where id = any($1) and ($2::text is null or id = $2)
  union all
  select id, state -> 'limits' from organization where id = any($1) and $2::text is null`;

/**
 * Those of some scopes that are there, with their limits.
 * @param within the one team in which the reader acts; `null` is all
 */
export const readScopes = (
  sql: Sql,
  ids: readonly string[],
  within: string | null,
): Promise<{ readonly id: string; readonly limits: Limits }[]> => sql.query(READ, [ids, within]);
