import type { Holder } from '@tollgate/domain/allowance/holder';
import type { Sql } from '@tollgate/service-kit/postgres';

/** The condition is the domain's `isLater`; the row is locked by it, so that calls of one gateway come one by one. */
const HEAR = `
  INSERT INTO allowance_holders AS known (instance, incarnation, call, heard_at_ms) VALUES ($1, $2, $3, $4)
  ON CONFLICT (instance) DO UPDATE
  SET incarnation = excluded.incarnation, call = excluded.call, heard_at_ms = excluded.heard_at_ms
  WHERE (excluded.incarnation, excluded.call) > (known.incarnation, known.call)
  RETURNING instance`;

/** Notes a gateway's call, and locks the gateway. @returns `false` where a later one of it was heard */
export async function hearCall(
  sql: Sql,
  { instance, incarnation }: Holder,
  call: number,
  nowMs: number,
): Promise<boolean> {
  const rows: unknown[] = await sql.query(HEAR, [instance, incarnation, call, nowMs]);
  return rows.length > 0;
}
