import type { ScopeRef } from '@tollgate/domain/metering/fold';
import type { Sql } from '@tollgate/service-kit/postgres';
import { SCOPE_COLUMNS, type ScopeRow, toScopeRow } from '../scope-row.ts';

/** Everyone who waits for scopes takes them in this order, so no two can wait for each other. */
export const LOCK_ORDER = `array_position(ARRAY['key', 'team', 'organization'], scope), scope_id COLLATE "C"`;

const ENSURE = `
  INSERT INTO scopes (scope_id, scope)
  SELECT scope_id, scope FROM unnest($1::text[], $2::text[]) AS wanted (scope_id, scope)
  ORDER BY ${LOCK_ORDER}
  ON CONFLICT (scope_id) DO NOTHING`;

const LOCK = `
  SELECT ${SCOPE_COLUMNS} FROM scopes WHERE scope_id = ANY($1)
  ORDER BY ${LOCK_ORDER} FOR UPDATE`;

const COUNT = 'SELECT count(*)::int AS found FROM scopes WHERE scope_id = ANY($1)';

/** Locks scopes for the transaction, key → team → organization by id; creates the rows that are missing. */
export async function lockScopes(sql: Sql, refs: readonly ScopeRef[]): Promise<Map<string, ScopeRow>> {
  if (refs.length === 0) return new Map();
  const ids = refs.map(({ scopeId }) => scopeId);
  // Before any is locked, so that who waits for a row that another makes holds none that the other waits for.
  await makeMissing(sql, refs, ids);
  const rows = await sql.query(LOCK, [ids]);
  return new Map(rows.map(toScopeRow).map((row: ScopeRow) => [row.scopeId, row]));
}

/** A look is much cheaper than an insert of what is there, which all but the first of a scope would be. */
async function makeMissing(sql: Sql, refs: readonly ScopeRef[], ids: readonly string[]): Promise<void> {
  const [{ found }] = await sql.query(COUNT, [ids]);
  if (found < refs.length) await sql.query(ENSURE, [ids, refs.map(({ scope }) => scope)]);
}

const LOCK_DUE = `
  SELECT ${SCOPE_COLUMNS} FROM scopes WHERE publish_due_ms <= $1
  ORDER BY publish_due_ms LIMIT $2 FOR UPDATE SKIP LOCKED`;

/** Locks scopes whose publication is due; those that another transaction holds are left to it. */
export async function lockDueScopes(sql: Sql, nowMs: number, limit: number): Promise<ScopeRow[]> {
  return (await sql.query(LOCK_DUE, [nowMs, limit])).map(toScopeRow);
}

const LOCK_FREE = `
  SELECT ${SCOPE_COLUMNS} FROM scopes WHERE scope_id = ANY($1)
  ORDER BY ${LOCK_ORDER} FOR UPDATE SKIP LOCKED`;

/** Locks those of the scopes that no other transaction holds. */
export async function lockFreeScopes(sql: Sql, scopeIds: readonly string[]): Promise<ScopeRow[]> {
  return (await sql.query(LOCK_FREE, [scopeIds])).map(toScopeRow);
}
