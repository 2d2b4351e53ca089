import type { ScopeKind } from '@tollgate/contracts/limits';
import type { QuarterHour } from '@tollgate/domain/metering/quarter-hours';
import type { Sql } from '@tollgate/service-kit/postgres';
import { OF_ORGANIZATION } from './of-scope.ts';

/** Everything is the organization's, which is one, but for charges to others. */
const SCOPE: Record<ScopeKind, { id: string; where: string }> = {
  key: { id: 'key_id', where: 'WHERE key_id = ANY($1)' },
  team: { id: 'team_id', where: 'WHERE team_id = ANY($1)' },
  organization: { id: '($1::text[])[1]', where: `WHERE ${OF_ORGANIZATION}` },
};

const read = (scope: ScopeKind, ledger: string) => `
  SELECT ${SCOPE[scope].id} AS scope_id,
    generation_${scope}::text AS generation,
    extract(epoch FROM date_bin('15 minutes', admitted_at, TIMESTAMPTZ 'epoch'))::bigint::text AS start_s,
    coalesce(sum(cost), 0)::text AS cost, sum(tokens_total)::text AS tokens, sum(requests)::text AS requests,
    count(*)::text AS records
  FROM ${ledger} ${SCOPE[scope].where}
  GROUP BY 1, 2, 3`;

export interface ScopeQuarters {
  readonly quarters: Map<string, QuarterHour[]>;
  readonly records: number;
}

/**
 * What the ledger has of scopes of one kind, by scope, generation and quarter of an hour.
 * @param ledger `usage_ledger`, or the table of one of its months
 */
export async function readQuarters(
  sql: Sql,
  scope: ScopeKind,
  scopeIds: readonly string[],
  ledger = 'usage_ledger',
): Promise<ScopeQuarters> {
  const rows: Record<string, string>[] = await sql.query(read(scope, ledger), [scopeIds]);
  const quarters = new Map<string, QuarterHour[]>();
  let records = 0;
  for (const row of rows) {
    const scopeId = row['scope_id']!;
    const used = {
      cost: BigInt(row['cost']!),
      tokens: BigInt(row['tokens']!),
      requests: BigInt(row['requests']!),
    };
    const quarter = { generation: Number(row['generation']), startMs: Number(row['start_s']) * 1_000, used };
    const sofar = quarters.get(scopeId);
    if (sofar) sofar.push(quarter);
    else quarters.set(scopeId, [quarter]);
    records += Number(row['records']);
  }
  return { quarters, records };
}
