import type { Sql } from '@tollgate/service-kit/postgres';
import { SCOPE_COLUMNS, type ScopeRow, toScopeRow } from '../../scopes/scope-row.ts';

/** The scopes that metering has heard of or seen used, by id; not locked. */
export async function findScopes(sql: Sql, scopeIds: readonly string[]): Promise<Map<string, ScopeRow>> {
  const rows = await sql.query(`SELECT ${SCOPE_COLUMNS} FROM scopes WHERE scope_id = ANY($1)`, [scopeIds]);
  return new Map(rows.map(toScopeRow).map((row: ScopeRow) => [row.scopeId, row]));
}
