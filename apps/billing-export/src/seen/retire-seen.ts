import type { DataSource } from 'typeorm';
import { DAY_MS, dayOf } from './seen-days.ts';
import { deleteSeenAdjustments } from './sql/delete-seen-adjustments.ts';
import { dropSeenDay, findSeenDays } from './sql/seen-days.ts';

/** A record of usage may come 35 days late; five more for one that was read late. */
const USAGE_KEPT_DAYS = 40;
/** Corrections stay on their topic for 90 days, and may be read again for as long. */
const ADJUSTMENTS_KEPT_DAYS = 100;

/**
 * Forgets records that nobody can bring again: usage by whole days of admission, corrections by when they were seen.
 * @returns how many days and corrections were forgotten
 */
export async function retireSeen(
  db: DataSource,
  nowMs: number,
): Promise<{ days: number; adjustments: number }> {
  const firstKept = dayOf(nowMs - USAGE_KEPT_DAYS * DAY_MS);
  const over = (await findSeenDays(db.manager)).filter((day) => day < firstKept);
  for (const day of over) await db.transaction((sql) => dropSeenDay(sql, day));
  const adjustments = await deleteSeenAdjustments(db.manager, nowMs - ADJUSTMENTS_KEPT_DAYS * DAY_MS);
  return { days: over.length, adjustments };
}
