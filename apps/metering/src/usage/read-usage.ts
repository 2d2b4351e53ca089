import { TollgateError } from '@tollgate/contracts/errors';
import { type UsageAnswer, type UsageQuery } from '@tollgate/contracts/metering-http';
import { spanOf } from '@tollgate/contracts/span';
import type { Sql } from '@tollgate/service-kit/postgres';
import { toCount, toUsd } from '../limits/limit-event.ts';
import { findScopes } from '../meters/sql/find-scopes.ts';
import { scopeKindOf } from '../scopes/scope-row.ts';
import { type RawSeriesEntry, readSeries } from './sql/read-series.ts';

const MOST_ENTRIES = 10_000;

/**
 * What a scope used over time, corrections included, where they count. Days begin in the scope's time zone, so that
 * they are the days of its limits.
 *
 * @throws TollgateError `invalid_field` where the answer would have more than 10 000 entries
 */
export async function readUsage(
  sql: Sql,
  scopeId: string,
  query: UsageQuery,
  nowMs: number,
): Promise<UsageAnswer> {
  const span = spanOf(query, nowMs);
  const timezone = (await findScopes(sql, [scopeId])).get(scopeId)?.timezone ?? 'UTC';
  const { bucket, group_by: group } = query;
  const question = { scope: scopeKindOf(scopeId), scopeId, bucket, group, timezone, ...span };
  const entries = await readSeries(sql, question, MOST_ENTRIES + 1);
  if (entries.length > MOST_ENTRIES) {
    const message = `from: the answer would have more than ${MOST_ENTRIES} entries; ask for a shorter time or larger buckets`;
    throw new TollgateError('invalid_field', message, { param: 'from' });
  }
  return { ...span, timezone, data: entries.map(toEntry) };
}

const toEntry = (raw: RawSeriesEntry): UsageAnswer['data'][number] => ({
  start: new Date(Number(raw.start_ms)).toISOString(),
  ...(raw.group === null ? {} : { group: raw.group }),
  requests: toCount(BigInt(raw.requests)),
  tokens: toCount(BigInt(raw.tokens)),
  input_tokens: toCount(BigInt(raw.input_tokens)),
  output_tokens: toCount(BigInt(raw.output_tokens)),
  cost_usd: toUsd(BigInt(raw.cost)),
  unpriced_requests: Number(raw.unpriced),
});
