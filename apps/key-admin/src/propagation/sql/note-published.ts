/** Notes where records are on the topic; what is known of a later version stays. */
export const NOTE_PUBLISHED = `
  insert into publications as known (scope_id, version, partition, "offset")
  select * from unnest($1::text[], $2::int[], $3::int[], $4::bigint[])
  on conflict (scope_id) do update set
    version = excluded.version, partition = excluded.partition, "offset" = excluded."offset"
  where known.version < excluded.version`;
