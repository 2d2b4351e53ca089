import type { MeterEventState } from '@tollgate/contracts/billing-http';
import type { Sql } from '@tollgate/service-kit/postgres';

const COUNT = `
  SELECT state, count(*)::int AS events FROM billing.meter_events WHERE state <> 'sent' GROUP BY state`;

/** How many events wait, or wait for a person. */
export async function countStates(sql: Sql): Promise<Record<Exclude<MeterEventState, 'sent'>, number>> {
  const rows: { state: Exclude<MeterEventState, 'sent'>; events: number }[] = await sql.query(COUNT);
  const counts = { pending: 0, held: 0, failed: 0 };
  for (const { state, events } of rows) counts[state] = events;
  return counts;
}
