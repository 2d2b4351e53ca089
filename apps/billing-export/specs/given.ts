import type { EventType, UsageAdjusted, UsageRecorded } from '@tollgate/contracts/events';
import type { ReceivedEvent } from '@tollgate/kafka/cloud-event';
import type { DataSource } from 'typeorm';
import type { BillingBatch } from '../src/fold/fold-batches.ts';

export const NOON = Date.parse('2026-11-23T12:00:00.000Z');
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export interface Usage {
  readonly id: string;
  readonly key?: string;
  readonly team?: string;
  readonly model?: string;
  readonly admittedAtMs?: number;
  readonly tokens?: number;
  readonly cost?: string | null;
}

/** A usage record of which only what is given matters. */
export function usageRecord(usage: Usage): UsageRecorded {
  const { tokens = 10, admittedAtMs = NOON, model = 'fake-small' } = usage;
  return {
    id: usage.id,
    key_id: usage.key ?? 'key_a',
    team_id: usage.team ?? 'team_a',
    gateway: 'gateway-1',
    sequence: 1,
    endpoint: '/v1/chat/completions',
    provider: 'fake',
    model,
    upstream_model: model,
    status: 'succeeded',
    http_status: 200,
    streamed: false,
    admitted_at: new Date(admittedAtMs).toISOString(),
    settled_at: new Date(admittedAtMs + 100).toISOString(),
    client_ip: '127.0.0.1',
    generations: { key: 0, team: 0, organization: 0 },
    tokens: { input: tokens, cached_input: 1, cache_write: 2, output: 3, reasoning: 1, total: tokens + 6 },
    quality: 'exact',
    cost_usd: usage.cost === undefined ? '0.01' : usage.cost,
    price_version: '1',
    latency_ms: 100.5,
    first_token_ms: null,
    metadata: {},
  };
}

/** A credit of which only what is given matters. */
export function usageAdjusted(adjustment: Usage): UsageAdjusted {
  const { admittedAtMs = NOON } = adjustment;
  return {
    id: adjustment.id,
    kind: 'credit',
    adjusts: null,
    key_id: adjustment.key ?? 'key_a',
    team_id: adjustment.team ?? 'team_a',
    admitted_at: new Date(admittedAtMs).toISOString(),
    recorded_at: new Date(admittedAtMs).toISOString(),
    generations: { key: 0, team: 0, organization: 0 },
    provider: '',
    model: '',
    tokens: adjustment.tokens ?? -5,
    cost_usd: adjustment.cost ?? '-0.25',
    price_version: null,
    reason: 'spec',
    actor: 'spec',
  };
}

/** Refusals, which share a partition with usage and are not billed. */
export const accessDenied = () => ({ denied: true }) as const;

type Content = UsageRecorded | UsageAdjusted | ReturnType<typeof accessDenied>;

const typeOf = (data: Content): EventType => {
  if ('denied' in data) return 'tollgate.access.denied.v1';
  return 'adjusts' in data ? 'tollgate.usage.adjusted.v1' : 'tollgate.usage.recorded.v1';
};

const received = (offset: bigint, data: Content): ReceivedEvent => ({
  offset,
  key: 'key',
  timestampMs: NOON,
  event: {
    id: `evt/${offset}`,
    source: '/spec',
    type: typeOf(data),
    time: new Date(NOON).toISOString(),
    subject: 'key',
    data,
  },
});

const batchOf =
  (topic: string) =>
  (partition: number, firstOffset: number, records: readonly Content[]): BillingBatch => ({
    topic,
    partition,
    firstOffset: BigInt(firstOffset),
    nextOffset: BigInt(firstOffset + records.length),
    events: records.map((data, i) => received(BigInt(firstOffset + i), data)),
  });

/** Batches as the transport hands them over: records at consecutive offsets from `firstOffset`. */
export const usageBatch = batchOf('usage');
export const limitEventsBatch = batchOf('limit-events');

/** Line items as `hour team/key/model/kind: requests unpriced tokens picodollars @revision`. */
export async function itemsOf(db: DataSource): Promise<string[]> {
  const rows: { line: string }[] = await db.query(`
    SELECT to_char(hour AT TIME ZONE 'UTC', 'DD HH24') || 'h ' || team_id || '/' || key_id || '/' || model || '/' || kind ||
      ': ' || requests || ' ' || unpriced_requests || ' ' || tokens_total || ' ' || cost || ' @' || revision AS line
    FROM billing.line_items ORDER BY hour, team_id, key_id, model, kind`);
  return rows.map(({ line }) => line);
}
