import { WINDOW_MS } from '@tollgate/domain/admission/rolling-window';
import { FURTHEST_BEHIND_MS } from '@tollgate/domain/record-clock';
import type { Sql } from '@tollgate/service-kit/postgres';

/** The condition is the domain's `isSettled`; a row that is asked about meanwhile is looked at anew. */
const FORGET_SETTLED = `
  DELETE FROM allowances
  WHERE state = 'returned' AND granted_cost <= folded_cost AND granted_tokens <= folded_tokens`;

export async function forgetSettled(sql: Sql): Promise<void> {
  await sql.query(FORGET_SETTLED);
}

export async function forgetAllowances(sql: Sql, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await sql.query('DELETE FROM allowances WHERE id = ANY($1)', [ids]);
}

/** Shares on which nothing that was admitted counts any more. */
export async function forgetShares(sql: Sql, nowMs: number): Promise<void> {
  await sql.query('DELETE FROM window_shares WHERE expires_at_ms <= $1', [nowMs - WINDOW_MS]);
}

/** A gateway of which nothing is left has no call on its way any more. */
const FORGET_HOLDERS = `
  DELETE FROM allowance_holders WHERE heard_at_ms <= $1
    AND NOT EXISTS (SELECT FROM allowances WHERE allowances.instance = allowance_holders.instance)`;

export async function forgetHolders(sql: Sql, nowMs: number): Promise<void> {
  await sql.query(FORGET_HOLDERS, [nowMs - FURTHEST_BEHIND_MS]);
}

const SILENT = `
  SELECT DISTINCT scope_id FROM allowances
  WHERE state <> 'lost' AND heard_at_ms <= $1 OR heard_at_ms <= $2
  LIMIT $3`;

/** Scopes with allowances that nobody has spoken of since, or that were lost so long ago that no record comes. */
export async function scopesOfSilent(sql: Sql, beforeMs: number, most: number): Promise<string[]> {
  const rows: { scope_id: string }[] = await sql.query(SILENT, [
    beforeMs,
    beforeMs - FURTHEST_BEHIND_MS,
    most,
  ]);
  return rows.map(({ scope_id }) => scope_id);
}
