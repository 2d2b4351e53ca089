/** Gives no row where the stream exists already, after waiting for a writer that is about to create it. */
export const INSERT_STREAM = `
  insert into streams (stream_id, version) values ($1, $2)
  on conflict (stream_id) do nothing
  returning version`;
