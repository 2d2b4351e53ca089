import type { Sql } from '@tollgate/service-kit/postgres';

const READ = 'select id, team_id from keys where id = any($1)';

/** Key → the team that it is in. */
export async function teamsOfKeys(sql: Sql, ids: readonly string[]): Promise<Map<string, string>> {
  const rows: { id: string; team_id: string }[] = await sql.query(READ, [ids]);
  return new Map(rows.map(({ id, team_id }) => [id, team_id]));
}
