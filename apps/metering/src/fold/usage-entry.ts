import type { UsageRecorded } from '@tollgate/contracts/events';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { parseUsd } from '@tollgate/contracts/money';
import type { UsageFact } from '@tollgate/domain/metering/fold';
import { clockFault } from '@tollgate/domain/record-clock';
import type { ReceivedEvent } from '@tollgate/kafka/cloud-event';
import { storableText } from '@tollgate/service-kit/postgres';

/** A usage record as it is folded: with its place in the topic and what counts of it. */
export interface UsageEntry {
  readonly partition: number;
  readonly offset: bigint;
  readonly record: UsageRecorded;
  /** The record's metadata as JSON. */
  readonly metadata: string;
  readonly fact: UsageFact;
}

export const QUARANTINE_REASONS = ['ahead', 'behind', 'malformed'] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

const LONGEST_ID = 128;

/** The usage records among a partition's events; the others there are not metering's. */
export const usageEvents = ({ events }: Pick<PartitionEvents, 'events'>): ReceivedEvent[] =>
  events.filter(({ event }) => event.type === 'tollgate.usage.recorded.v1');

export const usageEntries = (batch: PartitionEvents): UsageEntry[] =>
  usageEvents(batch).map(({ offset, event }) =>
    toEntry(batch.partition, offset, event.data as UsageRecorded),
  );

interface PartitionEvents {
  readonly partition: number;
  readonly events: readonly ReceivedEvent[];
}

/** A record as it is folded, with what the database cannot store replaced. */
export function toEntry(partition: number, offset: bigint, received: UsageRecorded): UsageEntry {
  let record = received;
  let metadata = JSON.stringify(received.metadata);
  if (!isStorable(received, metadata)) {
    record = storable(received);
    metadata = JSON.stringify(record.metadata);
  }
  return {
    partition,
    offset,
    record,
    metadata,
    fact: {
      keyId: record.key_id,
      teamId: record.team_id,
      organizationId: ORGANIZATION_ID,
      admittedAtMs: Date.parse(record.admitted_at),
      generations: record.generations,
      cost: record.cost_usd === null ? null : parseUsd(record.cost_usd),
      tokens: BigInt(record.tokens.total),
    },
  };
}

/** Identifies an attempt: a record with the same two is the same record again. */
export const identity = (entry: Pick<UsageEntry, 'record' | 'fact'>) =>
  `${entry.record.id} ${entry.fact.admittedAtMs}`;

/** Why a record may not be counted, or `null`. */
export function quarantineReason({ record, fact }: UsageEntry, nowMs: number): QuarantineReason | null {
  if (!hasScopes({ record })) return 'malformed';
  return clockFault(fact.admittedAtMs, nowMs);
}

/** Whether its scopes can have rows: an id of any length would not fit an index, and hold up the partition. */
export const hasScopes = ({ record }: Pick<UsageEntry, 'record'>): boolean =>
  record.key_id.length <= LONGEST_ID && record.team_id.length <= LONGEST_ID;

/** JSON writes what is not storable as an escape, which hardly any record has. */
const isStorable = (record: UsageRecorded, metadata: string): boolean => {
  const { id, key_id, team_id, gateway, endpoint, provider, model, upstream_model } = record;
  const texts = `${id}${key_id}${team_id}${gateway}${endpoint}${provider}${model}${upstream_model}${record.client_ip}${record.price_version}`;
  return !SUSPICIOUS.test(texts) && !metadata.includes('\\u');
};
const SUSPICIOUS = /[\0\ud800-\udfff]/;

function storable<T>(value: T): T {
  if (typeof value === 'string') return storableText(value) as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [storable(name), storable(field)]),
  ) as T;
}
