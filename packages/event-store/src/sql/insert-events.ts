export const INSERT_EVENTS = `
  insert into stream_events (stream_id, version, type, at, actor, data)
  select $1, $2 + ordinality, type, at, actor, data
  from unnest($3::text[], $4::timestamptz[], $5::text[], $6::jsonb[])
    with ordinality as event (type, at, actor, data, ordinality)`;
