import { TOPIC_NAMES, TOPICS, type Topic } from '@tollgate/contracts/topics';
import type { Message, Producer, TopicMessages } from 'kafkajs';
import type { OutgoingRecord } from './cloud-event.ts';
import { disconnectWithin, type KafkaConnection, RETRY } from './connection.ts';
import { kafkajs } from './kafkajs.ts';
import { Partitioning } from './partitioning.ts';
import { SIGNATURE_HEADER, sign } from './signature.ts';

/** Where a record was written. */
export interface Position {
  readonly partition: number;
  readonly offset: bigint;
}

/** A broker refuses a batch of more than 1 MiB for one partition; headers and framing need room too. */
const MAX_PARTITION_BYTES = 700_000;
const RECORD_OVERHEAD_BYTES = 600;
/** After the client's own retries are used up. */
const RETRY_PAUSE_MS = 500;

export class PublisherClosed extends Error {}

/**
 * Writes records in order and says where they are.
 *
 * The idempotent producer stays off: after a rejected send kafkajs gives the next batch the same sequence number,
 * which the broker then acknowledges and drops. Instead one publish is in flight at a time and a rejected one is
 * repeated; what that writes twice, readers recognise by its id.
 */
export class Publisher {
  private readonly producer: Producer;
  private readonly partitionsOf = new Map<Topic, number>();
  /** By the number of partitions, which is all that the partitioner looks at. */
  private readonly partitionings = new Map<number, Partitioning>();
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(private readonly connection: KafkaConnection) {
    this.producer = connection.kafka.producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      maxInFlightRequests: 1,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: RETRY,
    });
  }

  /** Connects and learns how many partitions each topic has. */
  async connect(): Promise<void> {
    const admin = this.connection.kafka.admin();
    await admin.connect();
    try {
      const names = TOPIC_NAMES.map((topic) => this.connection.topic(topic));
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      for (const topic of TOPIC_NAMES) {
        const found = topics.find(({ name }) => name === this.connection.topic(topic));
        this.partitionsOf.set(topic, found?.partitions.length ?? TOPICS[topic].partitions);
      }
    } finally {
      await disconnectWithin(admin);
    }
    await this.producer.connect();
  }

  partitionCount(topic: Topic): number {
    return this.partitionsOf.get(topic) ?? TOPICS[topic].partitions;
  }

  /** The partition of a key, as every Kafka client computes it (murmur2). */
  partitionOf(topic: Topic, key: string): number {
    const count = this.partitionCount(topic);
    let partitioning = this.partitionings.get(count);
    if (!partitioning) {
      partitioning = new Partitioning(count);
      this.partitionings.set(count, partitioning);
    }
    return partitioning.of(key);
  }

  /**
   * Resolves once every record is durable (acks from all in-sync replicas), with their positions in input order.
   * Repeats for as long as the broker is away. @throws PublisherClosed after {@link disconnect}
   */
  publish(records: readonly OutgoingRecord[]): Promise<Position[]> {
    return this.inTurn(() => this.publishPlaced(records.map((record) => this.place(record))));
  }

  /** Publishes to given partitions, whatever the keys: heartbeats. */
  publishTo(records: readonly { record: OutgoingRecord; partition: number }[]): Promise<Position[]> {
    return this.inTurn(() =>
      this.publishPlaced(records.map(({ record, partition }) => this.place(record, partition))),
    );
  }

  /** Writes raw messages to the dead letters of a topic. */
  publishDead(topic: Topic, messages: Message[]): Promise<void> {
    const name = `${this.connection.topic(topic)}.dead`;
    return this.inTurn(async () => {
      for (const message of messages)
        await this.send([{ topic: name, messages: [{ ...message, partition: 0 }] }]);
    });
  }

  async disconnect(): Promise<void> {
    this.closed = true;
    await disconnectWithin(this.producer);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }

  private place(record: OutgoingRecord, partition = this.partitionOf(record.topic, record.key)): Placed {
    const topic = this.connection.topic(record.topic);
    const headers = TOPICS[record.topic].signed
      ? { ...record.headers, [SIGNATURE_HEADER]: sign({ ...record, topic }, this.connection.eventKeys) }
      : record.headers;
    return { topic, message: { key: record.key, value: record.value, headers, partition }, partition };
  }

  private async publishPlaced(records: Placed[]): Promise<Position[]> {
    const positions: Position[] = [];
    for (const chunk of inChunks(records)) positions.push(...(await this.publishChunk(chunk)));
    return positions;
  }

  private async publishChunk(chunk: Placed[]): Promise<Position[]> {
    const byTopic = new Map<string, TopicMessages>();
    for (const { topic, message } of chunk) {
      const group = byTopic.get(topic) ?? { topic, messages: [] };
      group.messages.push(message);
      byTopic.set(topic, group);
    }
    const written = await this.send([...byTopic.values()]);
    const next = new Map(written.map((w) => [`${w.topicName}/${w.partition}`, BigInt(w.baseOffset ?? -1)]));
    return chunk.map(({ topic, partition }) => {
      const place = `${topic}/${partition}`;
      const offset = next.get(place)!;
      next.set(place, offset + 1n);
      return { partition, offset };
    });
  }

  private async send(topicMessages: TopicMessages[]) {
    for (;;) {
      if (this.closed) throw new PublisherClosed('the publisher is closed');
      try {
        return await this.producer.sendBatch({ acks: -1, topicMessages });
      } catch (error) {
        this.connection.logger.warn({ err: error }, 'publishing failed; it is repeated');
        await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
      }
    }
  }
}

interface Placed {
  readonly topic: string;
  readonly partition: number;
  readonly message: Message;
}

/** Splits so that no partition gets more than a broker takes in one batch. Order is kept. */
function* inChunks(records: Placed[]): Generator<Placed[]> {
  let chunk: Placed[] = [];
  let bytes = new Map<string, number>();
  for (const record of records) {
    const place = `${record.topic}/${record.partition}`;
    const size = (record.message.value as Buffer).length + RECORD_OVERHEAD_BYTES;
    if ((bytes.get(place) ?? 0) + size > MAX_PARTITION_BYTES && chunk.length > 0) {
      yield chunk;
      chunk = [];
      bytes = new Map();
    }
    chunk.push(record);
    bytes.set(place, (bytes.get(place) ?? 0) + size);
  }
  if (chunk.length > 0) yield chunk;
}
