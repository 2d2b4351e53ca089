import type { AdjustmentKind, TokenCounts, UsageAdjusted, UsageRecorded } from '@tollgate/contracts/events';
import { formatUsd } from '@tollgate/contracts/money';
import type { Sql } from '@tollgate/service-kit/postgres';
import type { Window } from '../../ledger/pages-by-time.ts';

type Shared = 'id' | 'key_id' | 'team_id' | 'provider' | 'model' | 'generations' | 'price_version';
type OfUsage =
  | 'gateway'
  | 'endpoint'
  | 'upstream_model'
  | 'status'
  | 'streamed'
  | 'client_ip'
  | 'quality'
  | 'latency_ms'
  | 'first_token_ms'
  | 'metadata';

/** Usage or a correction, as it is in the ledger. Charges for what gateways lost are told to nobody. */
export interface LedgerRecord extends Pick<UsageRecorded, Shared | OfUsage> {
  readonly kind: 'usage' | AdjustmentKind;
  readonly admitted_at: string;
  readonly settled_at: string;
  readonly recorded_at: string;
  readonly sequence: string;
  readonly http_status: string | null;
  readonly tokens: TokenCounts;
  /** Picodollars. */
  readonly cost: string | null;
  readonly adjusts: string | null;
  readonly reason: string | null;
}

const CLASSES = ['input', 'cached_input', 'cache_write', 'output', 'reasoning', 'total'] as const;
const tokens = CLASSES.map((name) => `'${name}', tokens_${name}`).join(', ');

const READ = `
  SELECT id, kind, admitted_at, settled_at, recorded_at, key_id, team_id, gateway, gateway_sequence AS sequence,
    endpoint, provider, model, upstream_model, status, http_status, streamed, client_ip, quality, cost::text AS cost,
    price_version, latency_ms, first_token_ms, metadata, adjusts, reason,
    jsonb_build_object('key', generation_key, 'team', generation_team, 'organization', generation_organization)
      AS generations,
    jsonb_build_object(${tokens}) || coalesce(tokens_parts, '{}') AS tokens
  FROM usage_ledger
  WHERE kind <> 'lost' AND admitted_at >= to_timestamp($1::float8 / 1000) AND admitted_at < to_timestamp($2::float8 / 1000)
    AND ($3::timestamptz IS NULL OR (admitted_at, id) > ($3::timestamptz, $4::text))
  ORDER BY admitted_at, id LIMIT $5`;

type Raw = Omit<LedgerRecord, 'admitted_at' | 'settled_at' | 'recorded_at'> & {
  readonly admitted_at: Date;
  readonly settled_at: Date;
  readonly recorded_at: Date;
};

/** The records of all scopes that were admitted in a window, in order, `most` at most. */
export async function readLedger(
  sql: Sql,
  { fromMs, toMs }: Omit<Window<LedgerRecord>, 'after'>,
  after: LedgerRecord | null,
  most: number,
): Promise<LedgerRecord[]> {
  const place = [after?.admitted_at ?? null, after?.id ?? null];
  const rows: Raw[] = await sql.query(READ, [fromMs, toMs, ...place, most]);
  return rows.map((row) => ({
    ...row,
    admitted_at: row.admitted_at.toISOString(),
    settled_at: row.settled_at.toISOString(),
    recorded_at: row.recorded_at.toISOString(),
  }));
}

const usdOf = (cost: string) => formatUsd(BigInt(cost));

export function toUsage(record: LedgerRecord): UsageRecorded {
  const {
    kind: _,
    recorded_at: __,
    adjusts: ___,
    reason: ____,
    cost,
    sequence,
    http_status,
    tokens,
    ...rest
  } = record;
  return {
    ...rest,
    sequence: Number(sequence),
    http_status: http_status === null ? null : Number(http_status),
    tokens: Object.fromEntries(Object.entries(tokens).filter(([, count]) => count !== null)) as TokenCounts,
    cost_usd: cost === null ? null : usdOf(cost),
  };
}

export const toAdjusted = (record: LedgerRecord): UsageAdjusted => ({
  id: record.id,
  kind: record.kind as AdjustmentKind,
  adjusts: record.adjusts,
  key_id: record.key_id,
  team_id: record.team_id,
  admitted_at: record.admitted_at,
  recorded_at: record.recorded_at,
  generations: record.generations,
  provider: record.provider,
  model: record.model,
  tokens: Number(record.tokens.total),
  cost_usd: usdOf(record.cost ?? '0'),
  price_version: record.price_version,
  reason: record.reason ?? '',
  actor: record.metadata['actor'] ?? 'operator',
});
