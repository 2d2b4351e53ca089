import type { TokenCounts } from '@tollgate/contracts/events';
import type { Sql } from '@tollgate/service-kit/postgres';
import { identity, type UsageEntry } from '../../fold/usage-entry.ts';
import { plainArray, textArray } from '../array-literal.ts';

/** A column, and its values as an array literal of its type. */
interface Column {
  readonly name: string;
  readonly type: string;
  readonly write: (entries: readonly UsageEntry[]) => string;
  /** What is inserted, where it is not the value itself. */
  readonly expression?: string;
}

const text = (name: string, value: (entry: UsageEntry) => string | null, type = 'text'): Column => ({
  name,
  type,
  write: (entries) => textArray(entries.map(value)),
});
const plain = (name: string, type: string, value: (entry: UsageEntry) => Plain): Column => ({
  name,
  type,
  write: (entries) => plainArray(entries.map(value)),
});
const instant = (name: string, value: (entry: UsageEntry) => number): Column => ({
  // A double holds the ms of any instant exactly, and divides much faster than a numeric.
  ...plain(name, 'double precision', value),
  expression: `to_timestamp(${name} / 1000)`,
});
type Plain = number | bigint | boolean | null;

const COLUMNS: readonly Column[] = [
  text('id', ({ record }) => record.id),
  instant('admitted_at', ({ fact }) => fact.admittedAtMs),
  instant('settled_at', ({ record }) => Date.parse(record.settled_at)),
  text('key_id', ({ record }) => record.key_id),
  text('team_id', ({ record }) => record.team_id),
  plain('generation_key', 'bigint', ({ record }) => record.generations.key),
  plain('generation_team', 'bigint', ({ record }) => record.generations.team),
  plain('generation_organization', 'bigint', ({ record }) => record.generations.organization),
  text('gateway', ({ record }) => record.gateway),
  plain('gateway_sequence', 'bigint', ({ record }) => record.sequence),
  text('endpoint', ({ record }) => record.endpoint),
  text('provider', ({ record }) => record.provider),
  text('model', ({ record }) => record.model),
  text('upstream_model', ({ record }) => record.upstream_model),
  text('status', ({ record }) => record.status),
  plain('http_status', 'bigint', ({ record }) => record.http_status),
  plain('streamed', 'boolean', ({ record }) => record.streamed),
  text('client_ip', ({ record }) => record.client_ip),
  plain('tokens_input', 'bigint', ({ record }) => record.tokens.input),
  plain('tokens_cached_input', 'bigint', ({ record }) => record.tokens.cached_input),
  plain('tokens_cache_write', 'bigint', ({ record }) => record.tokens.cache_write),
  plain('tokens_output', 'bigint', ({ record }) => record.tokens.output),
  plain('tokens_reasoning', 'bigint', ({ record }) => record.tokens.reasoning),
  plain('tokens_total', 'bigint', ({ record }) => record.tokens.total),
  text('tokens_parts', ({ record }) => partsOf(record.tokens), 'jsonb'),
  text('quality', ({ record }) => record.quality),
  plain('cost', 'numeric', ({ fact }) => fact.cost),
  text('price_version', ({ record }) => record.price_version),
  plain('latency_ms', 'double precision', ({ record }) => record.latency_ms),
  plain('first_token_ms', 'double precision', ({ record }) => record.first_token_ms),
  text('metadata', ({ metadata }) => metadata, 'jsonb'),
];

/** Hardly any record has parts. */
function partsOf({ cache_write_1h, input_audio, output_audio }: TokenCounts): string | null {
  if (cache_write_1h === undefined && input_audio === undefined && output_audio === undefined) return null;
  return JSON.stringify({ cache_write_1h, input_audio, output_audio });
}

const names = COLUMNS.map(({ name }) => name).join(', ');
/** Which ones were appended is told only where it was not all of them. */
const APPEND = `
  WITH appended AS (
    INSERT INTO usage_ledger (${names})
    SELECT ${COLUMNS.map(({ name, expression }) => expression ?? name).join(', ')}
    FROM unnest(${COLUMNS.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ')}) AS entry (${names})
    ON CONFLICT (id, admitted_at) DO NOTHING
    RETURNING id, admitted_at
  )
  SELECT CASE WHEN count(*) < $${COLUMNS.length + 1}::int THEN
    coalesce(array_agg(id || ' ' || (extract(epoch FROM admitted_at) * 1000)::bigint), '{}') END AS appended
  FROM appended`;

/** Appends the entries that the ledger does not have yet, and returns those. */
export async function appendUsage(sql: Sql, entries: readonly UsageEntry[]): Promise<readonly UsageEntry[]> {
  if (entries.length === 0) return [];
  const [row]: { appended: string[] | null }[] = await sql.query(APPEND, [
    ...COLUMNS.map(({ write }) => write(entries)),
    entries.length,
  ]);
  if (!row!.appended) return entries;
  const appended = new Set(row!.appended);
  // The first of equal entries is the one that was appended.
  return entries.filter((entry) => appended.delete(identity(entry)));
}
