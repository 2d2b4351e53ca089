import type { ScopeKind } from '@tollgate/contracts/limits';
import { formatUsd } from '@tollgate/contracts/money';
import type { Sql } from '@tollgate/service-kit/postgres';
import { ofScope } from '../../ledger/sql/of-scope.ts';

/** What is exported of a record, in this order. */
export const EXPORTED = [
  'id',
  'kind',
  'admitted_at',
  'settled_at',
  'recorded_at',
  'key_id',
  'team_id',
  'gateway',
  'endpoint',
  'provider',
  'model',
  'upstream_model',
  'status',
  'http_status',
  'streamed',
  'client_ip',
  'tokens_input',
  'tokens_cached_input',
  'tokens_cache_write',
  'tokens_output',
  'tokens_reasoning',
  'tokens_total',
  'requests',
  'quality',
  'cost_usd',
  'price_version',
  'latency_ms',
  'first_token_ms',
  'adjusts',
  'reason',
  'metadata',
] as const;

/** A record by {@link EXPORTED}: instants RFC 3339, money and integers of 64 bits as decimal strings. */
export type ExportedRecord = Readonly<Record<(typeof EXPORTED)[number], unknown>>;

const columns = EXPORTED.map((name) => (name === 'cost_usd' ? 'cost' : name)).join(', ');
const READ = (scope: ScopeKind) => `
  SELECT ${columns} FROM usage_ledger
  WHERE ${ofScope(scope)} AND kind <> 'lost' AND admitted_at >= to_timestamp($2::float8 / 1000)
    AND admitted_at < to_timestamp($3::float8 / 1000)
    AND ($4::timestamptz IS NULL OR (admitted_at, id) > ($4::timestamptz, $5::text))
  ORDER BY admitted_at, id LIMIT $6`;

/** The ledger's records of a scope admitted in [fromMs, toMs) after a record, oldest first, `most` at most. */
export async function readRecords(
  sql: Sql,
  { scope, scopeId, fromMs, toMs }: { scope: ScopeKind; scopeId: string; fromMs: number; toMs: number },
  after: ExportedRecord | null,
  most: number,
): Promise<ExportedRecord[]> {
  const place = [after?.admitted_at ?? null, after?.id ?? null];
  const rows: Record<string, unknown>[] = await sql.query(READ(scope), [
    scopeId,
    fromMs,
    toMs,
    ...place,
    most,
  ]);
  return rows.map((row) => {
    const cost = row['cost'] === null ? null : formatUsd(BigInt(row['cost'] as string));
    return Object.fromEntries(EXPORTED.map((name) => [name, name === 'cost_usd' ? cost : plain(row[name])]));
  }) as ExportedRecord[];
}

const plain = (value: unknown) => (value instanceof Date ? value.toISOString() : value);
