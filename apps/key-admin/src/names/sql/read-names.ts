import type { Sql } from '@tollgate/service-kit/postgres';

/** A webhook is called what people wrote of it, or its host: the rest of its address can be a secret. */
const READ = `
  select id, state ->> 'name' as name from keys where id = any($1)
  union all select id, state ->> 'name' from teams where id = any($1)
  union all select id, state ->> 'name' from organization where id = any($1)
  union all select id, name from admin_keys where id = any($1)
  union all
  select id, coalesce(nullif(description, ''), substring(url from '://(?:[^/@]*@)?([^/?#]+)'))
  from webhooks where id = any($1)`;

/** Id → name, as it is now, of whatever acts or is acted on, where it is there. */
export async function readNames(sql: Sql, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows: { id: string; name: string }[] = await sql.query(READ, [[...new Set(ids)]]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
