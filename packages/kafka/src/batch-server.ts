import { randomUUID } from 'node:crypto';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { TOPIC_NAMES, type Topic } from '@tollgate/contracts/topics';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { Counter, register } from 'prom-client';
import { isObservable, lastValueFrom } from 'rxjs';
import { type ReceivedEvent, readEvent, UnreadableRecord } from './cloud-event.ts';
import { disconnectWithin, type KafkaConnection, RETRY } from './connection.ts';
import { deadLetter } from './dead-letter.ts';
import { GroupProgress, type Progress } from './group-progress.ts';
import { fetchOffsets } from './offsets.ts';
import type { Publisher } from './publisher.ts';

/** What an `@EventPattern('<topic>')` handler gets: one partition's records, in order. */
export interface Batch {
  readonly topic: Topic;
  readonly partition: number;
  /** Readable events; unreadable records are among the dead letters and absent here. */
  readonly events: ReceivedEvent[];
  /** Offset of the batch's first record, readable or not. */
  readonly firstOffset: bigint;
  /** Offset after the batch's last record. */
  readonly nextOffset: bigint;
  /** Offset after the partition's last record on the broker (high watermark). */
  readonly endOffset: bigint;
}

/**
 * Who shares the records: the members of a `group`, whose progress the broker keeps; or nobody, when an
 * instance reads `everyPartition` from the beginning each time it starts.
 */
export type Audience = GroupMembers | EveryPartition;

export interface GroupMembers {
  readonly group: string;
  /** How many partitions' batches a member hands over side by side, each partition's in order; 1 by default. */
  readonly partitionsAtOnce?: number;
}

export interface EveryPartition {
  readonly everyPartition: true;
  readonly instance: string;
  /** Topics of which only the last so many ms before the start are read; of the others, everything. */
  readonly recentMs?: Readonly<Partial<Record<Topic, number>>>;
}

/**
 * Which server's records a handler wants, in a service that has one of each kind: `@EventPattern('gateways',
 * EVERY_PARTITION)`. Nest calls it the transport; a handler that names none gets the records of every server.
 */
export const EVERY_PARTITION = Symbol('every partition');
export const IN_GROUP = Symbol('in a group');

/** Thrown by a handler that must not go on, and must not be retried: the process ends with this message. */
export class FatalConsumerError extends Error {}

/** A fetch that waits holds up partitions that were busy when it left, so it waits briefly … */
const FETCH_WAIT_MS = 25;
/** … where any are: who handles one batch at a time has none busy, and a fetch returns with the first record. */
const UNSHARED_FETCH_WAIT_MS = 500;
const FETCH_BYTES_PER_PARTITION = 1_048_576;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * The transport of Tollgate's consumers: batches instead of messages, so that a handler can commit one
 * transaction per batch. A batch is handed over again until its handler returns, and only then are its offsets
 * committed to the broker; the broker never knows of more than the handler has made durable.
 *
 * starting → reading (caughtUp once the end seen at the start is reached) → closed
 */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  override readonly transportId: symbol;
  /** Resolves when everything that was on the topics at the start has been handled. */
  readonly caughtUp: Promise<void>;
  private readonly consumer: Consumer;
  private readonly next = new Map<Topic, Map<number, bigint>>();
  private readonly awaited = new Map<string, bigint>();
  private readonly consumed = counter(
    'tollgate_records_consumed_total',
    'Records that were read and dealt with, by topic',
  );
  private readonly deadLetters = counter(
    'tollgate_dead_letters_total',
    'Records that could not be read, by topic',
  );
  private readonly groupProgress: GroupProgress | null;
  private resolveCaughtUp!: () => void;
  private closed = false;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly publisher: Publisher,
    private readonly audience: Audience,
  ) {
    super();
    const partitionsAtOnce = 'group' in audience ? (audience.partitionsAtOnce ?? 1) : 1;
    this.transportId = 'group' in audience ? IN_GROUP : EVERY_PARTITION;
    this.caughtUp = new Promise((resolve) => {
      this.resolveCaughtUp = resolve;
    });
    this.consumer = connection.kafka.consumer({
      groupId: connection.group(
        'group' in audience ? audience.group : `${audience.instance}.${randomUUID().slice(0, 8)}`,
      ),
      sessionTimeout: 10_000,
      heartbeatInterval: 3_000,
      rebalanceTimeout: 10_000,
      maxWaitTimeInMs: partitionsAtOnce > 1 ? FETCH_WAIT_MS : UNSHARED_FETCH_WAIT_MS,
      maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
      allowAutoTopicCreation: false,
      retry: { ...RETRY, restartOnFailure: async () => true },
    });
    this.groupProgress =
      'group' in audience
        ? new GroupProgress(connection, this.consumer, audience.group, () => this.closed)
        : null;
    this.consumer.on(this.consumer.events.GROUP_JOIN, ({ payload }) => {
      if (this.groupProgress) this.groupProgress.joined(payload.memberAssignment);
      else this.seekAll();
    });
    this.consumer.on(this.consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) this.crash(payload.error);
    });
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.start();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await disconnectWithin(this.consumer);
  }

  /** {@link GroupProgress.goOnAt}, which a reader of every partition has no need of. */
  goOnAt(topic: Topic, progress: () => Promise<Progress>): void {
    this.groupProgress?.goOnAt(topic, progress);
  }

  /** Partition → offset of the next record to handle. */
  positions(topic: Topic): Record<string, string> {
    return Object.fromEntries(
      [...(this.next.get(topic) ?? [])].map(([partition, offset]) => [partition, `${offset}`]),
    );
  }

  on(): never {
    throw new Error('a KafkaBatchServer has no events to listen to');
  }

  unwrap<T>(): T {
    return this.consumer as T;
  }

  private async start(): Promise<void> {
    const topics = TOPIC_NAMES.filter((topic) => this.messageHandlers.has(topic));
    // An increase is only seen of what was there before it.
    for (const topic of topics)
      for (const count of [this.consumed, this.deadLetters]) count.inc({ topic }, 0);
    await this.noteEnds(topics);
    await this.consumer.connect();
    await this.consumer.subscribe({
      topics: topics.map((t) => this.connection.topic(t)),
      fromBeginning: true,
    });
    const byName = new Map(topics.map((topic) => [this.connection.topic(topic), topic]));
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 'group' in this.audience ? (this.audience.partitionsAtOnce ?? 1) : 1,
      eachBatch: (payload) => this.receive(byName.get(payload.batch.topic)!, payload),
    });
  }

  /** Notes how far each partition reaches, which is what {@link caughtUp} waits for. */
  private async noteEnds(topics: Topic[]): Promise<void> {
    const admin = this.connection.kafka.admin();
    await admin.connect();
    try {
      for (const topic of topics) {
        const positions = new Map<number, bigint>();
        const sinceMs = this.sinceMs(topic);
        const offsets = await fetchOffsets(admin, this.connection.topic(topic), sinceMs);
        for (const { partition, start, high } of offsets) {
          positions.set(partition, start);
          if (high > start) this.awaited.set(`${topic}/${partition}`, high);
        }
        this.next.set(topic, positions);
      }
    } finally {
      await disconnectWithin(admin);
    }
    if (this.awaited.size === 0) this.resolveCaughtUp();
  }

  private sinceMs(topic: Topic): number | null {
    const recentMs = 'group' in this.audience ? undefined : this.audience.recentMs?.[topic];
    return recentMs === undefined ? null : Date.now() - recentMs;
  }

  /**
   * Nothing is committed for a reader of every partition, so the broker would have it begin anew each time it joins
   * its group, also after a connection that was lost. It goes on where it is instead.
   */
  private seekAll(): void {
    for (const [topic, positions] of this.next) {
      for (const [partition, offset] of positions) {
        this.consumer.seek({ topic: this.connection.topic(topic), partition, offset: offset.toString() });
      }
    }
  }

  private async receive(topic: Topic, payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset } = payload;
    await this.groupProgress?.followed;
    if (payload.isStale()) return;
    const { events, unreadable } = this.decode(topic, batch.messages);
    if (unreadable.length > 0) await this.bury(topic, batch.partition, unreadable);
    const nextOffset = BigInt(batch.lastOffset()) + 1n;
    const handed: Batch = {
      topic,
      partition: batch.partition,
      events,
      firstOffset: BigInt(batch.firstOffset() ?? batch.lastOffset()),
      nextOffset,
      endOffset: BigInt(batch.highWatermark),
    };
    if (!(await this.handleUntilDone(handed, payload))) return;
    // Both at once, so that at any time what was consumed is what handlers say they did, and the dead letters.
    this.consumed.inc({ topic }, batch.messages.length);
    if (unreadable.length > 0) this.deadLetters.inc({ topic }, unreadable.length);
    resolveOffset(batch.lastOffset());
    this.advance(topic, batch.partition, nextOffset);
    if ('group' in this.audience) await this.commit(payload, nextOffset);
  }

  /**
   * What a handler made durable may be handed over again, so a commit that fails costs nothing; and where it fails
   * because the group gave the partition to another, kafkajs would end the consumer for it instead of joining anew.
   */
  private async commit({ batch }: EachBatchPayload, nextOffset: bigint): Promise<void> {
    const { topic, partition } = batch;
    try {
      await this.consumer.commitOffsets([{ topic, partition, offset: nextOffset.toString() }]);
    } catch (error) {
      this.connection.logger.warn({ err: error, topic, partition }, 'the broker did not take the progress');
    }
  }

  private decode(topic: Topic, messages: KafkaMessage[]) {
    const events: ReceivedEvent[] = [];
    const unreadable: { message: KafkaMessage; error: UnreadableRecord }[] = [];
    const origin = {
      topic,
      topicOnBroker: this.connection.topic(topic),
      eventKeys: this.connection.eventKeys,
    };
    for (const message of messages) {
      try {
        events.push(readEvent(message, origin));
      } catch (error) {
        if (!(error instanceof UnreadableRecord)) throw error;
        unreadable.push({ message, error });
      }
    }
    return { events, unreadable };
  }

  private async bury(
    topic: Topic,
    partition: number,
    unreadable: { message: KafkaMessage; error: UnreadableRecord }[],
  ): Promise<void> {
    for (const { message, error } of unreadable) {
      this.connection.logger.error(
        { topic, partition, offset: message.offset, reason: error.message },
        'unreadable record; it goes to the dead letters',
      );
    }
    await this.publisher.publishDead(
      topic,
      unreadable.map(({ message, error }) =>
        deadLetter(message, { topic, partition, reason: error.message, consumer: this.connection.clientId }),
      ),
    );
  }

  /** Hands the batch over until its handler returns; `false` when the partition is no longer ours. */
  private async handleUntilDone(batch: Batch, payload: EachBatchPayload): Promise<boolean> {
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LAST_RETRY_MS)) {
      if (this.closed || !payload.isRunning() || payload.isStale()) return false;
      try {
        const result: unknown = await this.getHandlerByPattern(batch.topic)!(batch);
        if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
        return true;
      } catch (error) {
        if (error instanceof FatalConsumerError) this.crash(error);
        this.connection.logger.error(
          { err: error, topic: batch.topic, partition: batch.partition, offset: String(batch.firstOffset) },
          'a batch could not be handled; it is retried',
        );
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
      await payload.heartbeat();
    }
  }

  private advance(topic: Topic, partition: number, nextOffset: bigint): void {
    this.next.get(topic)?.set(partition, nextOffset);
    if (this.awaited.size === 0) return;
    const place = `${topic}/${partition}`;
    const awaited = this.awaited.get(place);
    if (awaited !== undefined && nextOffset >= awaited) this.awaited.delete(place);
    if (this.awaited.size === 0) this.resolveCaughtUp();
  }

  /** A consumer that stopped for good must not leave a process behind that looks alive. */
  private crash(error: Error): never {
    this.connection.logger.fatal({ err: error }, 'a consumer cannot go on');
    process.exit(1);
  }
}

/** Servers of one process count together. */
function counter(name: string, help: string): Counter<'topic'> {
  const existing = register.getSingleMetric(name) as Counter<'topic'> | undefined;
  return existing ?? new Counter({ name, help, labelNames: ['topic'] });
}
