export const FIND_PUBLISHED = `
  select published_partition as partition, published_offset as "offset" from keys
  where id = $1 and published_version >= $2`;
