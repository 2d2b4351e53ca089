import { FURTHEST_AHEAD_MS, FURTHEST_BEHIND_MS } from '@tollgate/domain/record-clock';
import type { Sql } from '@tollgate/service-kit/postgres';

const DAY_MS = 86_400_000;
const monthOf = (ms: number) => new Date(ms).toISOString().slice(0, 7);
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Database → first and last month last made: records come by the thousand, months end once. */
const made = new WeakMap<Sql, string>();

/** Makes the ledger's months for every record that may be counted at `nowMs`, and for the next day's. */
export async function ensureMonths(db: Sql, nowMs: number): Promise<void> {
  const firstMs = nowMs - FURTHEST_BEHIND_MS;
  const lastMs = nowMs + FURTHEST_AHEAD_MS + DAY_MS;
  const wanted = `${monthOf(firstMs)} ${monthOf(lastMs)}`;
  if (made.get(db) === wanted) return;
  await db.query('SELECT make_ledger_months($1, $2)', [dayOf(firstMs), dayOf(lastMs)]);
  made.set(db, wanted);
}

/** Makes the months of these instants, which may be any. */
export async function makeMonthsOf(sql: Sql, instantsMs: readonly number[]): Promise<void> {
  for (const month of new Set(instantsMs.map(monthOf))) {
    await sql.query('SELECT make_ledger_months($1, $1)', [`${month}-01`]);
  }
}
