import type pg from 'pg';

/** Names, owners and environments as a deployment of many services has them. */
const SEED = `
  with made as (
    select 'key_' || lpad(n::text, 22, '0') as id, n, now() - n * interval '1 second' as created_at from generate_series(1, $2) n
  ), streamed as (
    insert into streams (stream_id, version) select id, 1 from made
  )
  insert into keys (id, team_id, name_folded, owner, environment, enabled, expires_at, revoked_at, created_at, last_four, version, state)
  select made.id, t.team_id, 'service ' || n || ' of team ' || n % 200, 'owner ' || n % 1000,
         (array['production', 'staging', 'development'])[1 + n % 3], n % 50 <> 0, null, null, made.created_at,
         lpad((n % 10000)::text, 4, '0'), 1,
         t.state || jsonb_build_object(
           'id', made.id, 'name', 'service ' || n || ' of team ' || n % 200, 'owner', 'owner ' || n % 1000,
           'environment', (array['production', 'staging', 'development'])[1 + n % 3], 'enabled', n % 50 <> 0,
           'created_at', to_char(made.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'metadata', jsonb_build_object('cost_center', (n % 500)::text), 'version', 1)
  from made, keys t where t.id = $1`;

/** Fills key-admin's database with keys that are like one that it made. */
export async function seedKeys(db: pg.Client, like: string, count: number): Promise<void> {
  await db.query(SEED, [like, count]);
  // As the database does by itself before long.
  await db.query('vacuum analyze');
}
