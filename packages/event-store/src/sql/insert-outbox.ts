/** Positions are drawn in the order of the input. The channel is the one that the relay listens on. */
export const INSERT_OUTBOX = `
  with queued as (
    insert into outbox (topic, key, headers, value)
    select topic, key, headers, value
    from unnest($1::text[], $2::text[], $3::jsonb[], $4::text[])
      with ordinality as record (topic, key, headers, value, ordinality)
    order by ordinality
    returning position
  )
  select pg_notify('outbox', '') from queued limit 1`;
