/** Records that wait for the broker. A row is deleted once it is durable there. */
export const CREATE_OUTBOX = `
  create table outbox (
    position   bigint generated always as identity primary key,
    topic      text        not null,
    key        text        not null,
    headers    jsonb       not null,
    value      text        not null,
    created_at timestamptz not null default clock_timestamp()
  )`;
