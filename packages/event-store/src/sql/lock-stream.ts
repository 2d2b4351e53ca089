export const LOCK_STREAM = `select version from streams where stream_id = $1 for update`;
