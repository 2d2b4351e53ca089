import { LEASE_MS } from '@tollgate/domain/allowance/holder';
import type { Sql } from '@tollgate/service-kit/postgres';

/** How many gateways called within the length of a lease. */
export async function countLive(sql: Sql, nowMs: number): Promise<number> {
  const [row] = await sql.query(
    'SELECT count(*)::int AS live FROM allowance_holders WHERE heard_at_ms > $1::bigint',
    [nowMs - LEASE_MS],
  );
  return row.live;
}
