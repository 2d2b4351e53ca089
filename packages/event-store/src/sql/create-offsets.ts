/** A null offset: nothing of the partition was read yet. */
export const CREATE_OFFSETS = (table: string) => `
  CREATE TABLE ${table} (
    partition integer PRIMARY KEY,
    next_offset bigint
  )`;
