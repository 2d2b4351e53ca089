/** Sets a stream's version, whatever it was: events between are missing in a database that was restored. */
export const RESTORE_STREAM = `
  insert into streams (stream_id, version) values ($1, $2)
  on conflict (stream_id) do update set version = excluded.version`;
