import type { ScopeKind } from '@tollgate/contracts/limits';
import type { Period } from '../period.ts';

/** The generations of an attempt's three scopes when it was admitted: a later reset does not move what it used. */
export type Generations = { readonly [Kind in ScopeKind]: number };

/** When and in which generations something was admitted, which decides where it counts. */
export interface Admission {
  readonly admittedAtMs: number;
  readonly generations: Generations;
}

/** A usage record of this gateway, from when it settles until the meters include it. Cost in picodollars. */
export interface PendingRecord extends Admission {
  readonly costPicodollars: bigint;
  readonly tokens: number;
  /** Of the usage topic: that of the record's key. */
  readonly partition: number;
  /** Where it was written there; `null` until the broker has answered. */
  offset: bigint | null;
  /** Told by each scope whose meter includes the record. */
  readonly covered?: () => void;
  /** Told once where the topic that it was written to is no more: it has to be written again. */
  readonly displaced?: () => void;
}

export interface Used {
  readonly costPicodollars: bigint;
  readonly tokens: number;
  readonly requests: number;
}

export const NOTHING: Used = { costPicodollars: 0n, tokens: 0, requests: 0 };

/** From so many on, an array gives back the room of records that have left at its head. */
const COMPACT_AT = 64;

/** The records of one partition, in the order in which they are written there. */
interface Queue {
  readonly partition: number;
  /** Every record before this offset is in the scope's meter. */
  through: bigint;
  records: PendingRecord[];
  head: number;
}

/**
 * One scope's pending records, with the sum of those that belong to the period and generation that count. The records
 * of a key are all in one partition, those of a team in several. Adding and leaving are O(1): a busy scope has
 * thousands of them between meters.
 */
export class PendingRecords {
  /** Few: a linear search is faster than a map, and smaller. */
  private readonly queues: Queue[] = [];
  private sum = NOTHING;

  constructor(
    private readonly kind: ScopeKind,
    private period: Period,
    private generation: number,
  ) {}

  get counted(): Used {
    return this.sum;
  }

  get size(): number {
    return this.queues.reduce((size, { records, head }) => size + records.length - head, 0);
  }

  add(record: PendingRecord): void {
    this.queueOf(record.partition).records.push(record);
    if (this.counts(record)) this.sum = plus(this.sum, record, 1);
  }

  /** A meter includes what was written to a partition before an offset; one that says less changes nothing. */
  reach(partition: number, through: bigint): void {
    const queue = this.queueOf(partition);
    if (through <= queue.through) return;
    queue.through = through;
    this.leave(queue);
  }

  /**
   * The usage topic was made anew: what was written to the former one is on no topic, and no meter says how far the new
   * one is counted. All records go on counting, until they are written anew and a meter includes them.
   */
  startAnew(): void {
    for (const queue of this.queues) {
      queue.through = -1n;
      for (let index = queue.head; index < queue.records.length; index += 1) {
        const record = queue.records[index]!;
        if (record.offset === null) continue;
        record.offset = null;
        record.displaced?.();
      }
    }
  }

  /** The broker has answered where a record is; a meter may include it already. */
  placed(record: PendingRecord): void {
    const queue = this.queueOf(record.partition);
    if (record.offset !== null && record.offset < queue.through) this.leave(queue);
  }

  /** Another period or generation counts from now on. */
  recount(period: Period, generation: number): void {
    if (period.id === this.period.id && generation === this.generation) return;
    this.period = period;
    this.generation = generation;
    this.sum = NOTHING;
    for (const { records, head } of this.queues) {
      for (let index = head; index < records.length; index += 1) {
        const record = records[index]!;
        if (this.counts(record)) this.sum = plus(this.sum, record, 1);
      }
    }
  }

  private queueOf(partition: number): Queue {
    for (const queue of this.queues) if (queue.partition === partition) return queue;
    const queue: Queue = { partition, through: -1n, records: [], head: 0 };
    this.queues.push(queue);
    return queue;
  }

  /** Drops the records at a queue's head that a meter includes. */
  private leave(queue: Queue): void {
    for (; queue.head < queue.records.length; queue.head += 1) {
      const record = queue.records[queue.head]!;
      if (record.offset === null || record.offset >= queue.through) break;
      if (this.counts(record)) this.sum = plus(this.sum, record, -1);
      record.covered?.();
    }
    // Keys that are not used now are many, and keep nothing of what has left.
    const isEmpty = queue.head > 0 && queue.head === queue.records.length;
    if (isEmpty || (queue.head >= COMPACT_AT && queue.head * 2 >= queue.records.length)) {
      queue.records = queue.records.slice(queue.head);
      queue.head = 0;
    }
  }

  private counts(record: PendingRecord): boolean {
    return countsIn(this.period, this.generation, record.generations[this.kind], record.admittedAtMs);
  }
}

/** Whether what was admitted then, in a generation, counts in this period and the current generation. */
export function countsIn(
  { startMs, endMs }: Period,
  current: number,
  generation: number,
  admittedAtMs: number,
): boolean {
  if (generation !== current) return false;
  return (startMs === null || admittedAtMs >= startMs) && (endMs === null || admittedAtMs < endMs);
}

const plus = (sum: Used, record: PendingRecord, sign: 1 | -1): Used => ({
  costPicodollars: sum.costPicodollars + (sign === 1 ? record.costPicodollars : -record.costPicodollars),
  tokens: sum.tokens + sign * record.tokens,
  requests: sum.requests + sign,
});
