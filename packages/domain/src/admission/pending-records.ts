import type { Period } from '../period.ts';

/** A usage record of this gateway, from when it settles until a meter includes it. Cost in picodollars. */
export interface PendingRecord {
  readonly admittedAtMs: number;
  readonly generation: number;
  readonly costPicodollars: bigint;
  readonly tokens: number;
  /** Where it was written in the usage topic; `null` until the broker has answered. */
  offset: bigint | null;
  /** Told that a meter includes the record: nobody needs to remember it any more. */
  readonly covered?: () => void;
}

export interface Used {
  readonly costPicodollars: bigint;
  readonly tokens: number;
  readonly requests: number;
}

export const NOTHING: Used = { costPicodollars: 0n, tokens: 0, requests: 0 };

/** Bigger than this, the array gives back the room of records that have left at its head. */
const COMPACT_AT = 256;

/**
 * One scope's pending records in the order in which they are written, with the sum of those that belong to the
 * period and generation that count. Adding and leaving are O(1): a busy key has thousands of them between meters.
 */
export class PendingRecords {
  private records: PendingRecord[] = [];
  private head = 0;
  private sum = NOTHING;

  constructor(
    private period: Period,
    private generation: number,
  ) {}

  get counted(): Used {
    return this.sum;
  }

  get size(): number {
    return this.records.length - this.head;
  }

  add(record: PendingRecord): void {
    this.records.push(record);
    if (this.counts(record)) this.sum = plus(this.sum, record, 1);
  }

  /** Drops the records that a meter includes: those written before offset `through`. */
  leave(through: bigint): void {
    for (; this.head < this.records.length; this.head += 1) {
      const record = this.records[this.head]!;
      if (record.offset === null || record.offset >= through) break;
      if (this.counts(record)) this.sum = plus(this.sum, record, -1);
      record.covered?.();
    }
    if (this.head >= COMPACT_AT && this.head * 2 >= this.records.length) {
      this.records = this.records.slice(this.head);
      this.head = 0;
    }
  }

  /** Another period or generation counts from now on. */
  recount(period: Period, generation: number): void {
    if (period.id === this.period.id && generation === this.generation) return;
    this.period = period;
    this.generation = generation;
    this.sum = NOTHING;
    for (let index = this.head; index < this.records.length; index += 1) {
      const record = this.records[index]!;
      if (this.counts(record)) this.sum = plus(this.sum, record, 1);
    }
  }

  private counts(record: PendingRecord): boolean {
    return countsIn(this.period, this.generation, record);
  }
}

/** Whether what was admitted then, in that generation, counts in this period and generation. */
export function countsIn(
  { startMs, endMs }: Period,
  current: number,
  { generation, admittedAtMs }: { readonly generation: number; readonly admittedAtMs: number },
): boolean {
  if (generation !== current) return false;
  return (startMs === null || admittedAtMs >= startMs) && (endMs === null || admittedAtMs < endMs);
}

const plus = (sum: Used, record: PendingRecord, sign: 1 | -1): Used => ({
  costPicodollars: sum.costPicodollars + (sign === 1 ? record.costPicodollars : -record.costPicodollars),
  tokens: sum.tokens + sign * record.tokens,
  requests: sum.requests + sign,
});
