import type { RefusalReason } from '@tollgate/contracts/billing-http';
import type { UsageAdjusted, UsageRecorded } from '@tollgate/contracts/events';
import { parseUsd } from '@tollgate/contracts/money';
import type { BillableFact, ItemTokens } from '@tollgate/domain/billing/line-items';
import { clockFault } from '@tollgate/domain/record-clock';
import type { ReceivedEvent } from '@tollgate/kafka/cloud-event';
import { storableText } from '@tollgate/service-kit/postgres';

/** A record or correction as it is folded. */
export interface Entry {
  readonly offset: bigint;
  readonly id: string;
  readonly record: UsageRecorded | UsageAdjusted;
  readonly fact: BillableFact;
}

/** Longer ids belong to nobody; longer names would not fit an index, and what they cost is billed under their beginning. */
const LONGEST_ID = 128;
const LONGEST_NAME = 128;

/** A billable event as it is folded; `null` of one that bills nothing. */
export function toEntry({ offset, event }: Pick<ReceivedEvent, 'offset' | 'event'>): Entry | null {
  switch (event.type) {
    case 'tollgate.usage.recorded.v1':
      return usageEntry(offset, event.data as UsageRecorded);
    case 'tollgate.usage.adjusted.v1':
      return adjustmentEntry(offset, event.data as UsageAdjusted);
    default:
      return null;
  }
}

export function usageEntry(offset: bigint, record: UsageRecorded): Entry {
  const { tokens } = record;
  return {
    offset,
    id: storableText(record.id),
    record,
    fact: {
      line: lineOf(record, 'usage'),
      admittedAtMs: Date.parse(record.admitted_at),
      sums: {
        requests: 1n,
        unpriced: record.cost_usd === null ? 1n : 0n,
        tokens: {
          input: BigInt(tokens.input),
          cachedInput: BigInt(tokens.cached_input),
          cacheWrite: BigInt(tokens.cache_write),
          output: BigInt(tokens.output),
          reasoning: BigInt(tokens.reasoning),
          total: BigInt(tokens.total),
        },
        cost: record.cost_usd === null ? 0n : parseUsd(record.cost_usd),
      },
    },
  };
}

const NO_CLASSES: Omit<ItemTokens, 'total'> = {
  input: 0n,
  cachedInput: 0n,
  cacheWrite: 0n,
  output: 0n,
  reasoning: 0n,
};

export const adjustmentEntry = (offset: bigint, record: UsageAdjusted): Entry => ({
  offset,
  id: storableText(record.id),
  record,
  fact: {
    line: lineOf(record, 'adjustment'),
    admittedAtMs: Date.parse(record.admitted_at),
    sums: {
      requests: 0n,
      unpriced: 0n,
      tokens: { ...NO_CLASSES, total: BigInt(record.tokens) },
      cost: parseUsd(record.cost_usd),
    },
  },
});

const lineOf = (record: UsageRecorded | UsageAdjusted, kind: 'usage' | 'adjustment') => ({
  teamId: storableText(record.team_id),
  keyId: storableText(record.key_id),
  provider: storableText(record.provider).slice(0, LONGEST_NAME),
  model: storableText(record.model).slice(0, LONGEST_NAME),
  kind,
});

/** Identifies a record: one with the same two is the same record again. */
export const identity = ({ id, fact }: Pick<Entry, 'id' | 'fact'>) => `${id} ${fact.admittedAtMs}`;

/** Why a record may not be billed, or `null`. A correction may be of any hour that was. */
export function refusal({ fact }: Entry, nowMs: number): RefusalReason | null {
  if (!hasOwner(fact)) return 'malformed';
  const fault = clockFault(fact.admittedAtMs, nowMs);
  return fault === 'behind' && fact.line.kind === 'adjustment' ? null : fault;
}

export const hasOwner = ({ line }: BillableFact): boolean =>
  line.keyId.length <= LONGEST_ID && line.teamId.length <= LONGEST_ID;
