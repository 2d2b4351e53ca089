import type { MeterLine, MeterUnit } from '@tollgate/domain/billing/meter-events';
import type { Sql } from '@tollgate/service-kit/postgres';
import type { BilledLine } from '../../stripe/stripe-file.ts';

const ENSURE = `
  INSERT INTO billing.meter_lines (team_id, event_name, unit, first_hour, closed_to)
  VALUES ($1, $2, $3, to_timestamp($4::double precision / 1000), to_timestamp($4::double precision / 1000))
  ON CONFLICT DO NOTHING`;
const LOCK = `
  SELECT unit, written::text, (extract(epoch FROM closed_to) * 1000)::bigint AS closed_to_ms
  FROM billing.meter_lines WHERE team_id = $1 AND event_name = $2 FOR UPDATE`;

/** Locks a line for the transaction; one that was never written begins with its first billed hour. */
export async function lockLine(
  sql: Sql,
  { teamId, eventName, unit, fromMs }: BilledLine,
): Promise<MeterLine> {
  await sql.query(ENSURE, [teamId, eventName, unit, fromMs]);
  const [row]: { unit: MeterUnit; written: string; closed_to_ms: string }[] = await sql.query(LOCK, [
    teamId,
    eventName,
  ]);
  return { unit: row!.unit, written: BigInt(row!.written), closedToMs: Number(row!.closed_to_ms) };
}

const MOVE = `
  UPDATE billing.meter_lines SET written = $3, closed_to = to_timestamp($4::double precision / 1000)
  WHERE team_id = $1 AND event_name = $2`;

export async function moveLine(sql: Sql, { teamId, eventName }: BilledLine, line: MeterLine): Promise<void> {
  await sql.query(MOVE, [teamId, eventName, line.written.toString(), line.closedToMs]);
}

const CONTRADICTIONS = `
  SELECT l.team_id, l.event_name, l.unit, l.first_hour
  FROM unnest($1::text[], $2::text[], $3::text[], $4::double precision[])
    AS billed (team_id, event_name, unit, from_ms)
  JOIN billing.meter_lines l USING (team_id, event_name)
  WHERE (l.unit, l.first_hour) IS DISTINCT FROM (billed.unit, to_timestamp(billed.from_ms / 1000))
  ORDER BY 1, 2 LIMIT 1`;

/** A line that was written in another unit, or from another hour, than it is to be now: sums would be wrong. */
export async function findContradiction(
  sql: Sql,
  lines: readonly BilledLine[],
): Promise<{ teamId: string; eventName: string; unit: string; firstHour: Date } | null> {
  const [row] = await sql.query(CONTRADICTIONS, [
    lines.map(({ teamId }) => teamId),
    lines.map(({ eventName }) => eventName),
    lines.map(({ unit }) => unit),
    lines.map(({ fromMs }) => fromMs),
  ]);
  return row
    ? { teamId: row.team_id, eventName: row.event_name, unit: row.unit, firstHour: row.first_hour }
    : null;
}
