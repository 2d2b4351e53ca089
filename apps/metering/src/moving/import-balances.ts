import type { DataSource, EntityManager } from 'typeorm';
import { recordedOnce } from '../operations/recorded.ts';
import { lockScopes } from '../scopes/sql/lock-scopes.ts';
import type { MovedBalances } from './balances.ts';

export interface ImportedBalances {
  readonly scopes: number;
  readonly balances: number;
  readonly applied: boolean;
}

const MOVED = `jsonb_to_recordset($1::jsonb) AS b (scope_id text, generation bigint, period_id text,
  period_start_ms bigint, period_end_ms bigint, cost numeric, tokens numeric, requests bigint, closed boolean)`;
/** Under the month in which they came, as if it had left the ledger. */
const OPEN = `
  INSERT INTO opening_balances (scope_id, generation, period_id, month, period_start_ms, period_end_ms, cost, tokens,
    requests)
  SELECT scope_id, generation, period_id, date_trunc('month', $2::date), period_start_ms, period_end_ms, cost, tokens,
    requests
  FROM ${MOVED}`;
const ADD = `
  INSERT INTO totals AS t (scope_id, generation, period_id, period_start_ms, period_end_ms, cost, tokens, requests,
    closed)
  SELECT scope_id, generation, period_id, period_start_ms, period_end_ms, cost, tokens, requests,
    closed OR coalesce(period_end_ms <= $2, false)
  FROM ${MOVED}
  ON CONFLICT (scope_id, generation, period_id) DO UPDATE SET
    cost = t.cost + excluded.cost, tokens = t.tokens + excluded.tokens, requests = t.requests + excluded.requests`;
/** What key-admin has told of a scope already stands. */
const FOLLOW = `
  UPDATE scopes SET team_id = b.team_id, reset_period = b.reset_period, timezone = b.timezone,
    generation = b.generation
  FROM jsonb_to_recordset($1::jsonb) AS b (scope_id text, team_id text, reset_period text, timezone text,
    generation bigint)
  WHERE scopes.scope_id = b.scope_id AND scopes.version = 0`;
const PUBLISH = `
  UPDATE scopes SET last_used_ms = coalesce(last_used_ms, $2), publish_due_ms = $2 WHERE scope_id = ANY ($1)`;

/**
 * Takes in what a team has used elsewhere, as opening balances of its scopes: their limits go on where they were. The
 * organization's use is its own, here as there.
 * @throws Error where the balances were taken in before
 */
export async function importBalances(
  db: DataSource,
  { scopes, balances, team_id, exported_at }: MovedBalances,
  { apply, actor }: { readonly apply: boolean; readonly actor: string },
  nowMs: number,
): Promise<ImportedBalances> {
  const told = { scopes: scopes.length, balances: balances.length, applied: apply };
  const ids = scopes.map(({ scope_id }) => scope_id);
  if (!apply) return told;
  return recordedOnce(db, { kind: 'import', actor, parameters: { team_id, exported_at } }, async () => {
    await db.transaction(async (sql) => {
      await lockScopes(
        sql,
        scopes.map(({ scope, scope_id }) => ({ scope, scopeId: scope_id })),
      );
      await requireNew(sql, ids);
      const rows = JSON.stringify(balances);
      await sql.query(FOLLOW, [JSON.stringify(scopes)]);
      await sql.query(OPEN, [rows, exported_at.slice(0, 10)]);
      await sql.query(ADD, [rows, nowMs]);
      await sql.query(PUBLISH, [ids, nowMs]);
    });
    return told;
  });
}

async function requireNew(sql: EntityManager, scopeIds: readonly string[]): Promise<void> {
  const [found] = await sql.query('SELECT scope_id FROM opening_balances WHERE scope_id = ANY ($1) LIMIT 1', [
    scopeIds,
  ]);
  if (found) throw new Error(`${found.scope_id} has opening balances here: its team was imported before`);
}
