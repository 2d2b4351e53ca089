export const FIND_PUBLISHED = `
  select partition, "offset" from publications where scope_id = $1 and version >= $2`;
