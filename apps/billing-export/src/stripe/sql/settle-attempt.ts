import type { Next } from '@tollgate/domain/billing/delivery';
import type { Sql } from '@tollgate/service-kit/postgres';
import type { LeasedEvent } from './lease-due.ts';

/** That Stripe has it holds whatever became of the event meanwhile. */
const SENT = `
  UPDATE billing.meter_events SET state = 'sent', sent_at = to_timestamp($2::double precision / 1000),
    unknown_since = NULL, problem = NULL
  WHERE identifier = $1 AND state <> 'sent'`;
/** An attempt that was overtaken by a later one says nothing any more. */
const NOT_SENT = `
  UPDATE billing.meter_events SET state = $3, problem = $4,
    due_at = coalesce(to_timestamp($5::double precision / 1000), due_at),
    unknown_since = CASE WHEN $6::boolean THEN unknown_since END
  WHERE identifier = $1 AND attempts = $2 AND state = 'pending'`;

/** Notes what came of an attempt. */
export async function settleAttempt(
  sql: Sql,
  { event, attempts, unknownBefore }: LeasedEvent,
  next: Next,
  nowMs: number,
): Promise<void> {
  if (next.state === 'sent') {
    await sql.query(SENT, [event.identifier, nowMs]);
    return;
  }
  const waits = next.state === 'pending';
  await sql.query(NOT_SENT, [
    event.identifier,
    attempts,
    next.state,
    next.problem,
    waits ? next.dueMs : null,
    waits ? next.unknown : unknownBefore,
  ]);
}
