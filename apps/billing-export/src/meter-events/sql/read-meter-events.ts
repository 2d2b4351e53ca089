import type { MeterEvent, MeterEventState } from '@tollgate/contracts/billing-http';
import type { Sql } from '@tollgate/service-kit/postgres';
import { EVENT_COLUMNS, type RawEvent, toStripeEvent } from '../meter-event-row.ts';

export interface MeterEventFilter {
  readonly from: string;
  readonly to: string;
  readonly state: MeterEventState | null;
  readonly teamId: string | null;
}

const READ = `
  SELECT ${EVENT_COLUMNS('e')}, state, team_id, hour, cumulative, attempts, problem, sent_at
  FROM billing.meter_events e
  WHERE hour >= $1 AND hour < $2 AND ($3::text IS NULL OR state = $3) AND ($4::text IS NULL OR team_id = $4)
    AND ($5::timestamptz IS NULL OR (hour, identifier) > ($5, $6::text))
  ORDER BY hour, identifier LIMIT $7`;

/** Meter events after one, by hour, `most` at most. */
export async function readMeterEvents(
  sql: Sql,
  { from, to, state, teamId }: MeterEventFilter,
  after: MeterEvent | null,
  most: number,
): Promise<MeterEvent[]> {
  const place = [after?.hour ?? null, after?.event.identifier ?? null];
  const rows: Raw[] = await sql.query(READ, [from, to, state, teamId, ...place, most]);
  return rows.map((row) => ({
    state: row.state,
    team_id: row.team_id,
    hour: row.hour.toISOString(),
    cumulative: row.cumulative,
    attempts: row.attempts,
    problem: row.problem,
    sent_at: row.sent_at?.toISOString() ?? null,
    event: toStripeEvent(row),
  }));
}

interface Raw
  extends RawEvent,
    Pick<MeterEvent, 'state' | 'team_id' | 'cumulative' | 'attempts' | 'problem'> {
  readonly hour: Date;
  readonly sent_at: Date | null;
}
