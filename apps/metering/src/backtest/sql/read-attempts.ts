import type { ScopeKind } from '@tollgate/contracts/limits';
import type { PastAttempt } from '@tollgate/domain/metering/backtest';
import type { Sql } from '@tollgate/service-kit/postgres';
import { ofScope } from '../../ledger/sql/of-scope.ts';

const READ = (scope: ScopeKind) => `
  SELECT id, extract(epoch FROM admitted_at) * 1000 AS admitted_ms, extract(epoch FROM settled_at) * 1000 AS settled_ms,
    coalesce(cost, 0)::text AS cost, tokens_total::text AS tokens
  FROM usage_ledger
  WHERE ${ofScope(scope)} AND kind = 'usage' AND admitted_at >= to_timestamp($2::float8 / 1000)
    AND admitted_at < to_timestamp($3::float8 / 1000)
    AND ($4::float8 IS NULL OR (admitted_at, id) > (to_timestamp($4::float8 / 1000), $5::text))
  ORDER BY admitted_at, id LIMIT $6`;

/** A scope's attempts admitted in [fromMs, toMs) after another, in the order of their admission, `most` at most. */
export async function readAttempts(
  sql: Sql,
  { scope, scopeId, fromMs, toMs }: { scope: ScopeKind; scopeId: string; fromMs: number; toMs: number },
  after: PastAttempt | null,
  most: number,
): Promise<PastAttempt[]> {
  const place = [after?.admittedAtMs ?? null, after?.id ?? null];
  const rows: Record<'id' | 'admitted_ms' | 'settled_ms' | 'cost' | 'tokens', string>[] = await sql.query(
    READ(scope),
    [scopeId, fromMs, toMs, ...place, most],
  );
  return rows.map(({ id, admitted_ms, settled_ms, cost, tokens }) => ({
    id,
    admittedAtMs: Number(admitted_ms),
    settledAtMs: Number(settled_ms),
    cost: BigInt(cost),
    tokens: BigInt(tokens),
  }));
}
