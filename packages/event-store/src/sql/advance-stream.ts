/** Locks the stream's row and raises its version; gives no row where the version is not the expected one. */
export const ADVANCE_STREAM = `
  with advanced as (
    update streams set version = version + $3
    where stream_id = $1 and version = $2
    returning version
  )
  select version from advanced`;
