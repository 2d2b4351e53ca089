import type { Sql } from '@tollgate/service-kit/postgres';
import { identity, type UsageEntry } from '../../fold/usage-entry.ts';

type Column = readonly [
  name: string,
  type: string,
  value: (entry: UsageEntry) => unknown,
  expression?: string,
];

const instant = (name: string) => `to_timestamp(${name} / 1000.0)`;

const COLUMNS: readonly Column[] = [
  ['id', 'text', ({ record }) => record.id],
  ['admitted_at', 'bigint', ({ fact }) => fact.admittedAtMs, instant('admitted_at')],
  ['settled_at', 'bigint', ({ record }) => Date.parse(record.settled_at), instant('settled_at')],
  ['key_id', 'text', ({ record }) => record.key_id],
  ['team_id', 'text', ({ record }) => record.team_id],
  ['generation_key', 'bigint', ({ record }) => record.generations.key],
  ['generation_team', 'bigint', ({ record }) => record.generations.team],
  ['generation_organization', 'bigint', ({ record }) => record.generations.organization],
  ['gateway', 'text', ({ record }) => record.gateway],
  ['gateway_sequence', 'bigint', ({ record }) => record.sequence],
  ['endpoint', 'text', ({ record }) => record.endpoint],
  ['provider', 'text', ({ record }) => record.provider],
  ['model', 'text', ({ record }) => record.model],
  ['upstream_model', 'text', ({ record }) => record.upstream_model],
  ['status', 'text', ({ record }) => record.status],
  ['http_status', 'bigint', ({ record }) => record.http_status],
  ['streamed', 'boolean', ({ record }) => record.streamed],
  ['client_ip', 'text', ({ record }) => record.client_ip],
  ['tokens_input', 'bigint', ({ record }) => record.tokens.input],
  ['tokens_cached_input', 'bigint', ({ record }) => record.tokens.cached_input],
  ['tokens_cache_write', 'bigint', ({ record }) => record.tokens.cache_write],
  ['tokens_output', 'bigint', ({ record }) => record.tokens.output],
  ['tokens_reasoning', 'bigint', ({ record }) => record.tokens.reasoning],
  ['tokens_total', 'bigint', ({ record }) => record.tokens.total],
  ['quality', 'text', ({ record }) => record.quality],
  ['cost', 'numeric', ({ fact }) => fact.cost?.toString() ?? null],
  ['price_version', 'text', ({ record }) => record.price_version],
  ['latency_ms', 'double precision', ({ record }) => record.latency_ms],
  ['first_token_ms', 'double precision', ({ record }) => record.first_token_ms],
  ['metadata', 'jsonb', ({ record }) => JSON.stringify(record.metadata)],
];

const names = COLUMNS.map(([name]) => name).join(', ');
const APPEND = `
  INSERT INTO usage_ledger (${names})
  SELECT ${COLUMNS.map(([name, , , expression]) => expression ?? name).join(', ')}
  FROM unnest(${COLUMNS.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ')}) AS entry (${names})
  ON CONFLICT (id, admitted_at) DO NOTHING
  RETURNING id, admitted_at`;

/** Appends the entries that the ledger does not have yet, and returns those. */
export async function appendUsage(sql: Sql, entries: readonly UsageEntry[]): Promise<UsageEntry[]> {
  if (entries.length === 0) return [];
  const rows: { id: string; admitted_at: Date }[] = await sql.query(
    APPEND,
    COLUMNS.map(([, , value]) => entries.map(value)),
  );
  const appended = new Set(rows.map((row) => `${row.id} ${row.admitted_at.getTime()}`));
  // The first of equal entries is the one that was appended.
  return entries.filter((entry) => appended.delete(identity(entry)));
}
