import type { DayFigures } from '@tollgate/domain/metering/reconcile';
import type { Sql } from '@tollgate/service-kit/postgres';

/** A re-rating counts to the model of the attempt that it corrects. */
const READ = `
  SELECT to_char(entry.admitted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
    coalesce(rated.upstream_model, entry.upstream_model) AS model,
    -- Providers count no request that they refused or never saw.
    count(*) FILTER (WHERE entry.kind = 'usage' AND entry.tokens_total > 0)::text AS requests,
    sum(entry.tokens_input + entry.tokens_cached_input + entry.tokens_cache_write)::text AS input,
    sum(entry.tokens_cached_input)::text AS cached_input, sum(entry.tokens_cache_write)::text AS cache_write,
    sum(entry.tokens_output)::text AS output, coalesce(sum(entry.cost), 0)::text AS cost
  FROM usage_ledger entry
  LEFT JOIN usage_ledger rated ON entry.kind = 'rerating' AND rated.id = entry.adjusts
    AND rated.admitted_at = entry.admitted_at
  WHERE entry.provider = $1 AND entry.kind IN ('usage', 'rerating')
    AND entry.admitted_at >= $2::date AT TIME ZONE 'UTC' AND entry.admitted_at < ($3::date + 1) AT TIME ZONE 'UTC'
  GROUP BY 1, 2`;

/** What the ledger has of a provider by day (UTC) and model, from the first to the last day. */
export async function readDays(
  sql: Sql,
  provider: string,
  first: string,
  last: string,
): Promise<DayFigures[]> {
  const rows: Record<string, string>[] = await sql.query(READ, [provider, first, last]);
  return rows.map(({ day, model, ...figures }) => ({
    day: day!,
    model: model!,
    figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, BigInt(value)])),
  }));
}
