/** Histories: `streams` holds each one's version and is what writers lock; `stream_events` is append-only. */
export const CREATE_STREAMS = `
  create table streams (
    stream_id text primary key,
    version   integer not null check (version > 0)
  );
  create table stream_events (
    stream_id text        not null references streams,
    version   integer     not null check (version > 0),
    type      text        not null,
    at        timestamptz not null,
    actor     text        not null,
    data      jsonb       not null,
    primary key (stream_id, version)
  )`;
