import type { UsageAdjusted, UsageRecorded } from '@tollgate/contracts/events';
import type { Sql } from '@tollgate/service-kit/postgres';

const MARK = `
  UPDATE billing.refused_records SET released_at = to_timestamp($2::double precision / 1000)
  WHERE id = ANY($1) AND released_at IS NULL AND reason <> 'malformed' RETURNING record`;

/** Marks records as released, in the caller's transaction; malformed ones stay. */
export async function markReleased(
  sql: Sql,
  ids: readonly string[],
  nowMs: number,
): Promise<(UsageRecorded | UsageAdjusted)[]> {
  const [rows]: [{ record: UsageRecorded | UsageAdjusted }[]] = await sql.query(MARK, [ids, nowMs]);
  return rows.map(({ record }) => record);
}
