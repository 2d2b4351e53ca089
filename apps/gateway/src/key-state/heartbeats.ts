/** The topics whose writers send a heartbeat to every partition each second. */
export const BEATING = ['keys', 'limits'] as const;
export type Beating = (typeof BEATING)[number];

/** Between two batches of a partition that is read live. */
const LIVE_GAP_MS = 3_000;
/** So many live batches in a row, since the first after a pause can have waited in a buffer. */
const LIVE_STREAK = 2;

/** A batch as it arrived. */
export interface Arrival {
  /** When the broker took the batch's last heartbeat; `null` where there is none in it. */
  readonly stampMs: number | null;
  /** Whether the batch reaches the end of its partition. */
  readonly reachesEnd: boolean;
  readonly nowMs: number;
  /** Of a clock that is never set. */
  readonly monotonicMs: number;
}

interface Partition {
  /** Until when everything on the partition is known, monotonic: a clock that is set makes nothing older. */
  asOfMs: number;
  /** When it was last read to its end, monotonic. */
  endReadMs: number | null;
  /** Batches in a row that were read live. */
  streak: number;
}

/**
 * How old the state is that a gateway decides on, and how far its clock is off the broker's, from the heartbeats.
 *
 * A stamp alone cannot tell a record that is late from a clock that is ahead. But what a batch brings that begins
 * where the partition ended a moment ago, was written since: it is no older than that moment. Only from such batches
 * the clock is judged ahead. That it is behind shows in any record, for none comes before it was written.
 */
export class Heartbeats {
  private readonly topics: Readonly<Record<Beating, Partition[]>>;
  private readonly oldest: Record<Beating, number>;
  private offMs: number | null = null;

  /** @param startMs from when on a partition without any heartbeat grows old, monotonic */
  constructor(partitions: Readonly<Record<Beating, number>>, startMs: number) {
    const unread = (count: number) =>
      Array.from({ length: count }, (): Partition => ({ asOfMs: startMs, endReadMs: null, streak: 0 }));
    this.topics = { keys: unread(partitions.keys), limits: unread(partitions.limits) };
    this.oldest = { keys: startMs, limits: startMs };
  }

  note(topic: Beating, index: number, arrival: Arrival): void {
    const partition = this.topics[topic][index];
    if (!partition) return;
    const gapMs =
      partition.endReadMs === null ? Number.POSITIVE_INFINITY : arrival.monotonicMs - partition.endReadMs;
    partition.streak = gapMs <= LIVE_GAP_MS ? partition.streak + 1 : 0;
    partition.endReadMs = arrival.reachesEnd ? arrival.monotonicMs : null;
    if (arrival.stampMs === null) return;
    const writtenSinceMs = partition.streak >= LIVE_STREAK ? arrival.nowMs - gapMs : Number.NEGATIVE_INFINITY;
    this.judgeClock(arrival.nowMs, arrival.stampMs, writtenSinceMs);
    const asOfMs = Math.max(writtenSinceMs, Math.min(arrival.stampMs, arrival.nowMs));
    partition.asOfMs = arrival.monotonicMs - (arrival.nowMs - asOfMs);
    this.oldest[topic] = Math.min(...this.topics[topic].map(({ asOfMs }) => asOfMs));
  }

  /** Age in ms of the topic's oldest partition: how long ago its writer was last known to have nothing to say. */
  ageMs(topic: Beating, monotonicMs: number): number {
    return monotonicMs - this.oldest[topic];
  }

  /** How many ms the clock is ahead of the broker's (negative: behind) at the least; `null` where nothing tells. */
  get skewMs(): number | null {
    return this.offMs;
  }

  /** A record stamped `stampMs` was written between `writtenSinceMs` and `nowMs`, all but the stamp by the own clock. */
  private judgeClock(nowMs: number, stampMs: number, writtenSinceMs: number): void {
    if (stampMs > nowMs) this.offMs = nowMs - stampMs;
    else if (writtenSinceMs > stampMs) this.offMs = writtenSinceMs - stampMs;
    else if (writtenSinceMs !== Number.NEGATIVE_INFINITY) this.offMs = 0;
  }
}
