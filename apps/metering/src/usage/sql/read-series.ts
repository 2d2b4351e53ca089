import type { ScopeKind } from '@tollgate/contracts/limits';
import type { UsageBucket, UsageGroup } from '@tollgate/contracts/metering-http';
import type { Sql } from '@tollgate/service-kit/postgres';
import { ofScope } from '../../ledger/sql/of-scope.ts';

/** Sums of a bucket as the driver returns them: text, for they may exceed 2^53. */
export interface RawSeriesEntry {
  readonly start_ms: string;
  readonly group: string | null;
  readonly requests: string;
  readonly tokens: string;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cost: string;
  readonly unpriced: string;
}

const read = (scope: ScopeKind, group: UsageGroup | undefined) => `
  SELECT (extract(epoch FROM date_trunc($2, admitted_at, $3)) * 1000)::bigint::text AS start_ms,
    ${group ?? 'NULL'} AS group,
    sum(requests)::text AS requests, sum(tokens_total)::text AS tokens,
    sum(tokens_input + tokens_cached_input + tokens_cache_write)::text AS input_tokens,
    sum(tokens_output)::text AS output_tokens, coalesce(sum(cost), 0)::text AS cost,
    count(*) FILTER (WHERE cost IS NULL AND kind = 'usage')::text AS unpriced
  FROM usage_ledger
  WHERE ${ofScope(scope)} AND kind <> 'lost' AND admitted_at >= $4 AND admitted_at < $5
  GROUP BY 1, 2 ORDER BY 1, 2 LIMIT $6`;

export interface SeriesQuestion {
  readonly scope: ScopeKind;
  readonly scopeId: string;
  readonly bucket: UsageBucket;
  readonly group: UsageGroup | undefined;
  readonly timezone: string;
  readonly from: string;
  readonly to: string;
}

/** The ledger's sums of a scope by bucket and group, oldest first, `most` at most. */
export const readSeries = (sql: Sql, question: SeriesQuestion, most: number): Promise<RawSeriesEntry[]> => {
  const { scope, scopeId, bucket, group, timezone, from, to } = question;
  return sql.query(read(scope, group), [scopeId, bucket, timezone, from, to, most]);
};
