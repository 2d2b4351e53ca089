import type { DataSource } from 'typeorm';
import { type MovedBalances, movedBalances } from './balances.ts';

const OF_TEAM = `(s.scope_id = $1 OR (s.scope = 'key' AND s.team_id = $1))`;
const SCOPES = `
  SELECT scope_id, scope, team_id, reset_period, timezone, generation::int FROM scopes s
  WHERE ${OF_TEAM} ORDER BY scope_id`;
const BALANCES = `
  SELECT t.scope_id, t.generation::int, t.period_id, t.period_start_ms::float8, t.period_end_ms::float8, t.cost::text,
    t.tokens::text, t.requests::int, t.closed
  FROM totals t JOIN scopes s USING (scope_id)
  WHERE ${OF_TEAM} ORDER BY t.scope_id, t.generation, t.period_id`;

/** What a team and its keys have used, in every period that is kept. */
export function exportBalances(db: DataSource, teamId: string, nowMs: number): Promise<MovedBalances> {
  return db.transaction('REPEATABLE READ', async (sql) =>
    movedBalances.parse({
      kind: 'tollgate balances',
      exported_at: new Date(nowMs).toISOString(),
      team_id: teamId,
      scopes: await sql.query(SCOPES, [teamId]),
      balances: await sql.query(BALANCES, [teamId]),
    }),
  );
}
