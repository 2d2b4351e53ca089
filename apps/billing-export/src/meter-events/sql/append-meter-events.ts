import type { NewMeterEvent } from '@tollgate/domain/billing/meter-events';
import type { Sql } from '@tollgate/service-kit/postgres';
import type { BilledLine } from '../../stripe/stripe-file.ts';

export interface AddressedEvent extends NewMeterEvent {
  readonly identifier: string;
  readonly stampedAtMs: number;
}

/** No `ON CONFLICT`: an identifier that comes again is a mistake that must not be passed over. */
const APPEND = `
  INSERT INTO billing.meter_events
    (identifier, team_id, stripe_customer_id, event_name, hour, stamped_at, value, cumulative, due_at)
  SELECT identifier, $1, $2, $3, to_timestamp(hour_ms / 1000), to_timestamp(stamped_ms / 1000), value, cumulative,
    to_timestamp($4::double precision / 1000)
  FROM unnest($5::text[], $6::double precision[], $7::double precision[], $8::numeric[], $9::numeric[])
    AS event (identifier, hour_ms, stamped_ms, value, cumulative)`;

export async function appendMeterEvents(
  sql: Sql,
  { teamId, customerId, eventName }: BilledLine,
  events: readonly AddressedEvent[],
  nowMs: number,
): Promise<void> {
  if (events.length === 0) return;
  await sql.query(APPEND, [
    teamId,
    customerId,
    eventName,
    nowMs,
    events.map(({ identifier }) => identifier),
    events.map(({ hourMs }) => hourMs),
    events.map(({ stampedAtMs }) => stampedAtMs),
    events.map(({ value }) => value.toString()),
    events.map(({ cumulative }) => cumulative.toString()),
  ]);
}
