import type { Sql } from '@tollgate/service-kit/postgres';

export interface NewDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly eventId: string;
  readonly type: string;
  readonly body: string;
  readonly state: 'pending' | 'expired';
}

const ROWS_AT_ONCE = 1_000;
/** $7 now. An event is told to a webhook once, however often it is read. */
const INSERT = `
  insert into webhook_deliveries (id, webhook_id, event_id, type, body, state, created_at, due_at, tried_since)
  select id, webhook_id, event_id, type, body, state,
         $7::timestamptz, case when state = 'pending' then $7::timestamptz end, $7::timestamptz
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    as delivery (id, webhook_id, event_id, type, body, state)
  on conflict (webhook_id, event_id) do nothing
  returning state`;

/** Queues deliveries; answers the states of those that are new. */
export async function insertDeliveries(
  sql: Sql,
  deliveries: readonly NewDelivery[],
  nowMs: number,
): Promise<NewDelivery['state'][]> {
  const states: NewDelivery['state'][] = [];
  for (let at = 0; at < deliveries.length; at += ROWS_AT_ONCE) {
    const rows = deliveries.slice(at, at + ROWS_AT_ONCE);
    const inserted: { state: NewDelivery['state'] }[] = await sql.query(INSERT, [
      rows.map(({ id }) => id),
      rows.map(({ webhookId }) => webhookId),
      rows.map(({ eventId }) => eventId),
      rows.map(({ type }) => type),
      rows.map(({ body }) => body),
      rows.map(({ state }) => state),
      new Date(nowMs),
    ]);
    states.push(...inserted.map(({ state }) => state));
  }
  return states;
}
