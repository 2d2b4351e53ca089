export const LOCK_OFFSETS = (table: string) => `
  SELECT partition, next_offset FROM ${table} WHERE partition = ANY($1) ORDER BY partition FOR UPDATE`;
