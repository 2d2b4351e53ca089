import { TollgateError } from '@tollgate/contracts/errors';
import type { UsageAnswer, UsageGroupEntry, UsageQuery } from '@tollgate/contracts/metering-http';
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
  const { bucket, group_by: group, top } = query;
  const question = { scope: scopeKindOf(scopeId), scopeId, bucket, group, top, timezone, ...span };
  const raw = await readSeries(sql, question, MOST_ENTRIES + 1);
  if (raw.length > MOST_ENTRIES) {
    const message = `from: the answer would have more than ${MOST_ENTRIES} entries; ask for a shorter time or larger buckets`;
    throw new TollgateError('invalid_field', message, { param: 'from' });
  }
  const entries = raw.map((one) => ({ start_ms: Number(one.start_ms), group: one.group, used: toSums(one) }));
  const data = entries.map(({ start_ms, group: value, used }) => ({
    start: new Date(start_ms).toISOString(),
    ...(group === undefined ? {} : { group: value }),
    ...toUsed(used),
  }));
  return { ...span, timezone, data, ...(group !== undefined && { groups: toGroups(entries) }) };
}

interface Sums {
  readonly requests: bigint;
  readonly tokens: bigint;
  readonly input: bigint;
  readonly output: bigint;
  readonly cost: bigint;
  readonly unpriced: bigint;
}
interface Entry {
  readonly group: string | null;
  readonly used: Sums;
}

/** Each group's sums over all buckets: what cost most comes first, and those that are not told apart last. */
function toGroups(entries: readonly Entry[]): UsageGroupEntry[] {
  const groups = new Map<string | null, Sums>();
  for (const { group, used } of entries) {
    const before = groups.get(group);
    groups.set(group, before ? plus(before, used) : used);
  }
  const order = ([a, x]: [string | null, Sums], [b, y]: [string | null, Sums]) =>
    Number(a === null) - Number(b === null) || Number(y.cost - x.cost) || Number(y.requests - x.requests);
  return [...groups].sort(order).map(([group, used]) => ({ group, name: null, ...toUsed(used) }));
}

const toSums = (raw: RawSeriesEntry): Sums => ({
  requests: BigInt(raw.requests),
  tokens: BigInt(raw.tokens),
  input: BigInt(raw.input_tokens),
  output: BigInt(raw.output_tokens),
  cost: BigInt(raw.cost),
  unpriced: BigInt(raw.unpriced),
});

const plus = (a: Sums, b: Sums): Sums => ({
  requests: a.requests + b.requests,
  tokens: a.tokens + b.tokens,
  input: a.input + b.input,
  output: a.output + b.output,
  cost: a.cost + b.cost,
  unpriced: a.unpriced + b.unpriced,
});

const toUsed = ({ requests, tokens, input, output, cost, unpriced }: Sums) => ({
  requests: toCount(requests),
  tokens: toCount(tokens),
  input_tokens: toCount(input),
  output_tokens: toCount(output),
  cost_usd: toUsd(cost),
  unpriced_requests: Number(unpriced),
});
