import type { StripeMeterEvent } from '@tollgate/contracts/billing-http';
import type { Sql } from '@tollgate/service-kit/postgres';
import { EVENT_COLUMNS, type RawEvent, toStripeEvent } from '../../meter-events/meter-event-row.ts';

/** Longer than any attempt takes: until then nobody else attempts it. */
export const LEASE_MS = 60_000;

export interface LeasedEvent {
  readonly event: StripeMeterEvent;
  /** This one included. */
  readonly attempts: number;
  readonly unknownBefore: boolean;
}

const LEASE = `
  WITH due AS (
    SELECT identifier, unknown_since AS unknown_before FROM billing.meter_events
    WHERE state = 'pending' AND due_at <= to_timestamp($1::double precision / 1000)
    ORDER BY due_at, identifier LIMIT $2 FOR UPDATE SKIP LOCKED
  )
  UPDATE billing.meter_events AS e SET attempts = attempts + 1,
    due_at = to_timestamp(($1::double precision + ${LEASE_MS}) / 1000),
    unknown_since = coalesce(unknown_since, to_timestamp($1::double precision / 1000))
  FROM due WHERE e.identifier = due.identifier
  RETURNING ${EVENT_COLUMNS('e')}, attempts, unknown_before IS NOT NULL AS unknown_before`;

/** Takes events whose time has come, each noted as attempted with an outcome that nobody knows yet. */
export async function leaseDue(sql: Sql, most: number, nowMs: number): Promise<LeasedEvent[]> {
  const [rows]: [(RawEvent & { attempts: number; unknown_before: boolean })[]] = await sql.query(LEASE, [
    nowMs,
    most,
  ]);
  return rows.map((row) => ({
    event: toStripeEvent(row),
    attempts: row.attempts,
    unknownBefore: row.unknown_before,
  }));
}
