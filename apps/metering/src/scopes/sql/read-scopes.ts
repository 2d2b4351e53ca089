import type { Sql } from '@tollgate/service-kit/postgres';
import { SCOPE_COLUMNS, type ScopeRow, toScopeRow } from '../scope-row.ts';
import { LOCK_ORDER } from './lock-scopes.ts';

/** All scopes, keys first, then teams, then the organization; not locked. */
export async function readScopes(sql: Sql): Promise<ScopeRow[]> {
  return (await sql.query(`SELECT ${SCOPE_COLUMNS} FROM scopes ORDER BY ${LOCK_ORDER}`)).map(toScopeRow);
}

const AT_ONCE = 1_000;

/** Scopes as {@link readScopes} has them, some of one kind after others. */
export function* byKind(scopes: readonly ScopeRow[]): Generator<ScopeRow[]> {
  let some: ScopeRow[] = [];
  for (const scope of scopes) {
    if (some.length === AT_ONCE || (some[0] && some[0].scope !== scope.scope)) {
      yield some;
      some = [];
    }
    some.push(scope);
  }
  if (some.length > 0) yield some;
}
