import type { ScopeKind } from '@tollgate/contracts/limits';
import type { UsageBucket, UsageGroup } from '@tollgate/contracts/metering-http';
import type { Sql } from '@tollgate/service-kit/postgres';
import { ofScope } from '../../ledger/sql/of-scope.ts';

/** Sums of a bucket as the driver returns them: text, for they may exceed 2^53. */
export interface RawSeriesEntry {
  readonly start_ms: string;
  /** `null` where the question is not grouped, and of the groups that are not among the top. */
  readonly group: string | null;
  readonly requests: string;
  readonly tokens: string;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cost: string;
  readonly unpriced: string;
}

const COLUMN: Readonly<Record<UsageGroup, string>> = {
  model: 'model',
  status: 'status',
  provider: 'provider',
  key: 'key_id',
  team: 'team_id',
};

const read = (scope: ScopeKind, group: UsageGroup | undefined) => `
  WITH sums AS (
    SELECT date_trunc($2, admitted_at, $3) AS start, ${group ? COLUMN[group] : 'NULL'} AS "group",
      sum(requests) AS requests, sum(tokens_total) AS tokens,
      sum(tokens_input + tokens_cached_input + tokens_cache_write) AS input_tokens,
      sum(tokens_output) AS output_tokens, coalesce(sum(cost), 0) AS cost,
      count(*) FILTER (WHERE cost IS NULL AND kind = 'usage') AS unpriced
    FROM usage_ledger
    WHERE ${ofScope(scope)} AND kind <> 'lost' AND admitted_at >= $4 AND admitted_at < $5
    GROUP BY 1, 2
  ), top AS (
    SELECT "group" FROM sums GROUP BY 1 ORDER BY sum(cost) DESC, sum(requests) DESC, 1 LIMIT $6
  )
  SELECT (extract(epoch FROM start) * 1000)::bigint::text AS start_ms, top."group",
    sum(requests)::text AS requests, sum(tokens)::text AS tokens, sum(input_tokens)::text AS input_tokens,
    sum(output_tokens)::text AS output_tokens, sum(cost)::text AS cost, sum(unpriced)::text AS unpriced
  FROM sums LEFT JOIN top ON top."group" = sums."group"
  GROUP BY 1, 2 ORDER BY 1, 2 LIMIT $7`;

export interface SeriesQuestion {
  readonly scope: ScopeKind;
  readonly scopeId: string;
  readonly bucket: UsageBucket;
  readonly group: UsageGroup | undefined;
  /** How many groups are told apart, those that cost most in the whole of the time. */
  readonly top: number;
  readonly timezone: string;
  readonly from: string;
  readonly to: string;
}

/** The ledger's sums of a scope by bucket and group, oldest first, `most` at most. */
export const readSeries = (sql: Sql, question: SeriesQuestion, most: number): Promise<RawSeriesEntry[]> => {
  const { scope, scopeId, bucket, group, top, timezone, from, to } = question;
  return sql.query(read(scope, group), [scopeId, bucket, timezone, from, to, top, most]);
};
