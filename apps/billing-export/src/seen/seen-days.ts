import { FURTHEST_AHEAD_MS, FURTHEST_BEHIND_MS } from '@tollgate/domain/record-clock';
import type { Sql } from '@tollgate/service-kit/postgres';

export const DAY_MS = 86_400_000;
export const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Database → first and last day last made: records come by the thousand, days end once. */
const made = new WeakMap<Sql, string>();

/** Makes the days of every record that may be billed at `nowMs`, and the next one. */
export async function ensureSeenDays(db: Sql, nowMs: number): Promise<void> {
  const first = dayOf(nowMs - FURTHEST_BEHIND_MS);
  const last = dayOf(nowMs + FURTHEST_AHEAD_MS + DAY_MS);
  if (made.get(db) === `${first} ${last}`) return;
  await db.query('SELECT billing.make_seen_days($1, $2)', [first, last]);
  made.set(db, `${first} ${last}`);
}
