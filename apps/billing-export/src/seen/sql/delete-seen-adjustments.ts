import type { Sql } from '@tollgate/service-kit/postgres';

const DELETE =
  'DELETE FROM billing.seen_adjustments WHERE seen_at < to_timestamp($1::double precision / 1000)';

/** @returns how many there were */
export async function deleteSeenAdjustments(sql: Sql, beforeMs: number): Promise<number> {
  const [, deleted]: [unknown, number] = await sql.query(DELETE, [beforeMs]);
  return deleted;
}
