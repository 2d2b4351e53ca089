import { toRecordOf } from '@tollgate/kafka/cloud-event';
import { type Position, type Publisher, PublisherClosed } from '@tollgate/kafka/publisher';
import type { Logger } from '@tollgate/service-kit/log';

/** A usage record on its way to the broker. */
export interface Outgoing {
  readonly id: string;
  readonly keyId: string;
  readonly settledAt: string;
  /** The record as JSON. */
  readonly json: string;
  readonly traceparent: string | undefined;
  /** Told where the record is once it is durable. */
  readonly placed: (position: Position) => void;
}

const MAX_BATCH = 2_000;

/**
 * Usage records on their way to `usage`, in the order in which they settled. Records gather while a batch is on
 * its way, so batches grow with the load and a lone record leaves at once. While the broker is away they wait
 * here, and in the write-ahead log in case the process ends; the router refuses new requests before either is full.
 */
export class UsageQueue {
  private waiting: Outgoing[] = [];
  private flushing: Promise<void> | null = null;

  constructor(
    private readonly source: string,
    private readonly capacity: number,
    private readonly publisher: Publisher,
    private readonly acknowledgement: { observe(seconds: number): void },
    private readonly logger: Logger,
  ) {}

  get size(): number {
    return this.waiting.length;
  }

  /** No room is left for the record of one more request. */
  get isFull(): boolean {
    return this.waiting.length >= this.capacity;
  }

  push(record: Outgoing): void {
    this.waiting.push(record);
    this.flushing ??= this.flush();
  }

  /** Resolves when every record so far is durable. */
  async drained(): Promise<void> {
    while (this.flushing) await this.flushing;
  }

  private async flush(): Promise<void> {
    // Lets the records of this turn of the event loop leave together.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.waiting.length > 0) await this.publishFirst(Math.min(this.waiting.length, MAX_BATCH));
    } catch (error) {
      const level = error instanceof PublisherClosed ? 'warn' : 'error';
      this.logger[level]({ err: error, records: this.waiting.length }, 'usage records were not published');
    } finally {
      this.flushing = null;
    }
  }

  private async publishFirst(count: number): Promise<void> {
    const batch = this.waiting.slice(0, count);
    const sentMs = performance.now();
    const positions = await this.publisher.publish(batch.map((record) => this.toKafka(record)));
    this.acknowledgement.observe((performance.now() - sentMs) / 1_000);
    this.waiting = this.waiting.slice(count);
    for (const [index, { placed }] of batch.entries()) placed(positions[index]!);
  }

  private toKafka({ id, keyId, settledAt, json, traceparent }: Outgoing) {
    return toRecordOf(
      'usage',
      { id, source: this.source, type: 'tollgate.usage.recorded.v1', time: settledAt, subject: keyId },
      json,
      keyId,
      traceparent,
    );
  }
}
