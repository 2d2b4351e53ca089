import type { ScopeKind } from '@tollgate/contracts/limits';
import type { ScopeRef } from '@tollgate/domain/metering/fold';
import type { QuarterHour } from '@tollgate/domain/metering/quarter-hours';
import type { Sql } from '@tollgate/service-kit/postgres';
import { ofScope } from '../../ledger/sql/of-scope.ts';

const read = (scope: ScopeKind) => `
  SELECT generation_${scope}::text AS generation,
    extract(epoch FROM date_bin('15 minutes', admitted_at, TIMESTAMPTZ 'epoch'))::bigint::text AS start_s,
    coalesce(sum(cost), 0)::text AS cost, sum(tokens_total)::text AS tokens, sum(requests)::text AS requests
  FROM usage_ledger WHERE ${ofScope(scope)} GROUP BY 1, 2`;

/** What the ledger has of a scope, added up by generation and quarter of an hour. */
export async function readQuarters(sql: Sql, { scope, scopeId }: ScopeRef): Promise<QuarterHour[]> {
  const rows: Record<'generation' | 'start_s' | 'cost' | 'tokens' | 'requests', string>[] = await sql.query(
    read(scope),
    [scopeId],
  );
  return rows.map(({ generation, start_s, cost, tokens, requests }) => ({
    generation: Number(generation),
    startMs: Number(start_s) * 1_000,
    used: { cost: BigInt(cost), tokens: BigInt(tokens), requests: BigInt(requests) },
  }));
}
