import { createHash } from 'node:crypto';
import { closeHours, type NewMeterEvent, stampOf } from '@tollgate/domain/billing/meter-events';
import type { DataSource, EntityManager } from 'typeorm';
import type { BilledLine } from '../stripe/stripe-file.ts';
import { appendMeterEvents } from './sql/append-meter-events.ts';
import { lockLine, moveLine } from './sql/meter-lines.ts';
import { readHours } from './sql/read-hours.ts';

/**
 * Closes the hours before `openHourMs` of every line, each line in a transaction of its own: its events are written
 * and the line moves on, or neither. Where several processes do it, one closes and the others find it closed.
 *
 * @returns how many events were written
 */
export async function closeLines(
  db: DataSource,
  lines: readonly BilledLine[],
  openHourMs: number,
  nowMs: number,
): Promise<number> {
  let written = 0;
  for (const line of lines) {
    written += await db.transaction((sql) => closeLine(sql, line, openHourMs, nowMs));
  }
  return written;
}

async function closeLine(
  sql: EntityManager,
  billed: BilledLine,
  openHourMs: number,
  nowMs: number,
): Promise<number> {
  if (billed.fromMs >= openHourMs) return 0;
  const line = await lockLine(sql, billed);
  if (line.closedToMs >= openHourMs) return 0;
  const hours = await readHours(sql, billed.teamId, billed.fromMs, openHourMs);
  const closed = closeHours(hours, line, openHourMs);
  await appendMeterEvents(
    sql,
    billed,
    closed.events.map((event) => ({ ...event, ...addressOf(billed, event) })),
    nowMs,
  );
  await moveLine(sql, billed, closed.line);
  return closed.events.length;
}

/** What makes an event itself at Stripe. The identifier has 100 characters at most there. */
function addressOf({ teamId, eventName }: BilledLine, { hourMs }: NewMeterEvent) {
  const digest = createHash('sha256')
    .update(JSON.stringify([teamId, eventName, hourMs]))
    .digest('hex');
  return { identifier: `tollgate-${digest}`, stampedAtMs: stampOf(hourMs) * 1_000 };
}
