export const READ_OFFSETS = (table: string) =>
  `SELECT partition, next_offset FROM ${table} WHERE next_offset IS NOT NULL ORDER BY partition`;
