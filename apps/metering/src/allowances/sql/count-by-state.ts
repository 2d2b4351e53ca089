import type { Allowance } from '@tollgate/domain/allowance/book';
import type { Sql } from '@tollgate/service-kit/postgres';

const COUNT = 'SELECT state, count(*)::int AS total FROM allowances GROUP BY state';

/** How many allowances there are in each state. */
export async function countByState(sql: Sql): Promise<Record<Allowance['state'], number>> {
  const rows: { state: Allowance['state']; total: number }[] = await sql.query(COUNT);
  const none = { held: 0, returned: 0, lost: 0 };
  return { ...none, ...Object.fromEntries(rows.map(({ state, total }) => [state, total])) };
}
