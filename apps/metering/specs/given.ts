import type {
  AccessDenied,
  EventType,
  KeyChanged,
  LimitEvent,
  UsageRecorded,
} from '@tollgate/contracts/events';
import { type Limits, UNLIMITED } from '@tollgate/contracts/limits';
import type { ReceivedEvent } from '@tollgate/kafka/cloud-event';
import { createTestDatabase } from '@tollgate/testing/test-database';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../src/database.ts';
import { type FoldOutcome, foldBatches, type UsageBatch } from '../src/fold/fold-batches.ts';
import { applyScopeChange } from '../src/limits/apply-scope-change.ts';

export const NOON = Date.parse('2026-11-23T12:00:00.000Z');
export const DAY_MS = 86_400_000;

/** A database of metering's for one spec, and how to be rid of it. */
export async function givenDatabase(): Promise<{ db: DataSource; drop: () => Promise<void> }> {
  const database = await createTestDatabase();
  const db = await openDatabase(database.url, pino({ level: 'silent' }));
  const drop = async () => {
    await db.destroy();
    await database.drop();
  };
  return { db, drop };
}

export interface Usage {
  readonly id: string;
  readonly key?: string;
  readonly team?: string;
  readonly admittedAtMs?: number;
  readonly generation?: number;
  readonly tokens?: number;
  readonly cost?: string | null;
  readonly gateway?: string;
  readonly allowances?: UsageRecorded['allowances'];
}

/** A usage record of which only what is given matters. */
export function usageRecord(usage: Usage): UsageRecorded {
  const { tokens = 10, admittedAtMs = NOON } = usage;
  return {
    id: usage.id,
    key_id: usage.key ?? 'key_a',
    team_id: usage.team ?? 'team_a',
    gateway: usage.gateway ?? 'gateway-1',
    sequence: 1,
    endpoint: '/v1/chat/completions',
    provider: 'fake',
    model: 'fake-small',
    upstream_model: 'fake-small',
    status: 'succeeded',
    http_status: 200,
    streamed: false,
    admitted_at: new Date(admittedAtMs).toISOString(),
    settled_at: new Date(admittedAtMs + 100).toISOString(),
    client_ip: '127.0.0.1',
    generations: { key: usage.generation ?? 0, team: 0, organization: 0 },
    tokens: { input: tokens, cached_input: 0, cache_write: 0, output: 0, reasoning: 0, total: tokens },
    quality: 'exact',
    cost_usd: usage.cost === undefined ? '0.01' : usage.cost,
    price_version: '1',
    latency_ms: 100.5,
    first_token_ms: null,
    metadata: { purpose: 'spec' },
    ...(usage.allowances && { allowances: usage.allowances }),
  };
}

const received = (type: EventType, offset: bigint, key: string, data: unknown): ReceivedEvent => ({
  offset,
  key,
  timestampMs: NOON,
  event: {
    id: `evt/${offset}`,
    source: '/spec',
    type,
    time: new Date(NOON).toISOString(),
    subject: key,
    data,
  },
});

/** Refusals of a key, which share a partition with its usage. */
export const accessDenied = (key: string | null = 'key_a'): AccessDenied => ({
  key_id: key,
  reason: 'cost_limit_reached',
  minute: new Date(NOON).toISOString(),
  count: 3,
  client_ip: '127.0.0.1',
});

/** A batch as the transport hands it over: records at consecutive offsets from `firstOffset`. */
export const usageBatch = (
  partition: number,
  firstOffset: number,
  records: readonly (UsageRecorded | AccessDenied)[],
): UsageBatch => ({
  partition,
  firstOffset: BigInt(firstOffset),
  nextOffset: BigInt(firstOffset + records.length),
  events: records.map((data, i) =>
    'reason' in data
      ? received('tollgate.access.denied.v1', BigInt(firstOffset + i), data.key_id ?? 'org_default', data)
      : received('tollgate.usage.recorded.v1', BigInt(firstOffset + i), data.key_id, data),
  ),
});

export const foldBatch = (db: DataSource, batch: UsageBatch, nowMs: number): Promise<FoldOutcome> =>
  foldBatches(db, [batch], nowMs);

export const applyKeyChange = (db: DataSource, changed: KeyChanged, nowMs: number): Promise<boolean> =>
  applyScopeChange(db, { scope: 'key', changed }, nowMs);

export interface Change {
  readonly id?: string;
  readonly version: number;
  readonly limits?: Partial<Limits>;
  readonly revision?: number;
  readonly generation?: number;
}

/** What key-admin says of a key. */
export const keyChanged = ({ id = 'key_a', version, ...change }: Change): KeyChanged => ({
  version,
  actor: 'adm_spec',
  change: {},
  state: {
    id,
    name: id,
    team_id: 'team_a',
    enabled: true,
    revoked_at: null,
    expires_at: null,
    secrets: [],
    limits: { ...UNLIMITED, ...change.limits },
    limit_revision: change.revision ?? version,
    generation: change.generation ?? 0,
    metadata: {},
    allowed_models: null,
    allowed_ips: null,
  },
});

export interface Sent extends LimitEvent {
  readonly id: string;
  readonly type: string;
}

/** Takes what waits in the outbox, oldest first: events of one scope, or of all. */
export async function takeOutbox(db: DataSource, scopeId?: string): Promise<Sent[]> {
  const rows: { key: string; headers: Record<string, string>; value: string }[] = await db.query(
    `WITH taken AS (DELETE FROM outbox RETURNING *) SELECT key, headers, value FROM taken ORDER BY position`,
  );
  return rows
    .filter(({ key }) => scopeId === undefined || key === scopeId)
    .map(({ headers, value }) => ({
      ...(JSON.parse(value) as LimitEvent),
      id: headers['ce_id']!,
      type: headers['ce_type']!.replace('tollgate.limit.', '').replace('.v1', ''),
    }));
}

/** Totals as `generation/period: cost tokens requests`, byte for byte. */
export async function totalsOf(db: DataSource, scopeId: string): Promise<Record<string, string>> {
  const rows: { at: string; used: string }[] = await db.query(
    `SELECT generation || '/' || period_id AS at, cost || ' ' || tokens || ' ' || requests AS used
     FROM totals WHERE scope_id = $1 ORDER BY 1`,
    [scopeId],
  );
  return Object.fromEntries(rows.map(({ at, used }) => [at, used]));
}
