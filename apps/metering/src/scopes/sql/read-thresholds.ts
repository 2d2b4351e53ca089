import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import type { Sql } from '@tollgate/service-kit/postgres';

const READ = 'SELECT warning_thresholds FROM scopes WHERE scope_id = $1';

/** Percents of a limit at which the organization wants to be warned; `null` where it has not said. */
export async function readThresholds(sql: Sql): Promise<number[] | null> {
  const [row]: { warning_thresholds: number[] | null }[] = await sql.query(READ, [ORGANIZATION_ID]);
  return row?.warning_thresholds ?? null;
}
