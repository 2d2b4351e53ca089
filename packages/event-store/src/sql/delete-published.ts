/** Gives the positions that were still there, which are fewer where another relay published them too. */
export const DELETE_PUBLISHED = `
  with deleted as (delete from outbox where position = any ($1::bigint[]) returning position)
  select position from deleted`;
