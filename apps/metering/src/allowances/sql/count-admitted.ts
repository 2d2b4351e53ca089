import { WINDOW_MS } from '@tollgate/domain/admission/rolling-window';
import type { Sql } from '@tollgate/service-kit/postgres';
import { ofScope } from '../../ledger/sql/of-scope.ts';
import { scopeKindOf } from '../../scopes/scope-row.ts';

/** A gateway is not ready with a clock that is further off than 5 s; between two of them it is twice that. */
const MOST_SKEW_MS = 10_000;

/** Attempts of a gateway, counted in a scope, that it may have admitted in the last 60 s: none is left out. */
export async function countAdmitted(
  sql: Sql,
  scopeId: string,
  instance: string,
  nowMs: number,
): Promise<number> {
  const [row] = await sql.query(
    `SELECT count(*)::int AS admitted FROM usage_ledger
     WHERE ${ofScope(scopeKindOf(scopeId))} AND kind = 'usage' AND gateway = $2
       AND admitted_at > to_timestamp($3::float8 / 1000)`,
    [scopeId, instance, nowMs - WINDOW_MS - MOST_SKEW_MS],
  );
  return row.admitted;
}
