import type { Sql } from '@tollgate/service-kit/postgres';
import {
  ALLOWANCE_COLUMNS,
  type AllowanceRow,
  SHARE_COLUMNS,
  type ShareRow,
  toAllowanceRow,
  toShareRow,
} from '../allowance-row.ts';

const LOCK = `SELECT ${ALLOWANCE_COLUMNS} FROM allowances WHERE scope_id = ANY($1) ORDER BY id FOR UPDATE`;

/** The allowances of scopes that the caller has locked; those that are settled may go only after the caller. */
export async function lockAllowances(sql: Sql, scopeIds: readonly string[]): Promise<AllowanceRow[]> {
  return (await sql.query(LOCK, [scopeIds])).map(toAllowanceRow);
}

const LOCK_NAMED = `SELECT ${ALLOWANCE_COLUMNS} FROM allowances WHERE id = ANY($1) ORDER BY id FOR UPDATE`;

export async function lockNamed(sql: Sql, ids: readonly string[]): Promise<AllowanceRow[]> {
  return ids.length === 0 ? [] : (await sql.query(LOCK_NAMED, [ids])).map(toAllowanceRow);
}

const SHARES = `SELECT ${SHARE_COLUMNS} FROM window_shares WHERE scope_id = ANY($1)`;

export async function readShares(sql: Sql, scopeIds: readonly string[]): Promise<ShareRow[]> {
  return (await sql.query(SHARES, [scopeIds])).map(toShareRow);
}

const LIST = `SELECT ${ALLOWANCE_COLUMNS} FROM allowances ORDER BY instance, incarnation, scope_id, id LIMIT $1`;

/** All of them, up to a number; not locked. */
export async function listAllowances(sql: Sql, most: number): Promise<AllowanceRow[]> {
  return (await sql.query(LIST, [most])).map(toAllowanceRow);
}
