import type { Sql } from '@tollgate/service-kit/postgres';

const READ = `
  select id, state ->> 'name' as name from keys where id = any($1)
  union all select id, state ->> 'name' from teams where id = any($1)
  union all select id, state ->> 'name' from organization where id = any($1)`;

/** Scope → name, of those that are known here. */
export async function readScopeNames(sql: Sql, scopeIds: readonly string[]): Promise<Map<string, string>> {
  if (scopeIds.length === 0) return new Map();
  const rows: { id: string; name: string }[] = await sql.query(READ, [[...new Set(scopeIds)]]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
