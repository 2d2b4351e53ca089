import type { StripeMeterEvent } from '@tollgate/contracts/billing-http';

/** What an event tells Stripe, as the database has it. */
export interface RawEvent {
  readonly identifier: string;
  readonly stripe_customer_id: string;
  readonly event_name: string;
  readonly stamped_at: Date;
  readonly value: string;
}

export const EVENT_COLUMNS = (table: string) =>
  ['identifier', 'stripe_customer_id', 'event_name', 'stamped_at', 'value']
    .map((name) => `${table}.${name}`)
    .join(', ');

export const toStripeEvent = (row: RawEvent): StripeMeterEvent => ({
  event_name: row.event_name,
  identifier: row.identifier,
  timestamp: row.stamped_at.getTime() / 1_000,
  payload: { stripe_customer_id: row.stripe_customer_id, value: row.value },
});
