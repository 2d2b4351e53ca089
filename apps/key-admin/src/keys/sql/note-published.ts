/** Notes where records are on the topic; what is known of a later version stays. */
export const NOTE_PUBLISHED = `
  update keys set published_version = note.version, published_partition = note.partition,
                  published_offset = note."offset"
  from unnest($1::text[], $2::int[], $3::int[], $4::bigint[]) as note (id, version, partition, "offset")
  where keys.id = note.id and coalesce(keys.published_version, 0) < note.version`;
