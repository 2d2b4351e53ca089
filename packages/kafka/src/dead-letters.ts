import { randomUUID } from 'node:crypto';
import type { Topic } from '@tollgate/contracts/topics';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { disconnectWithin, type KafkaConnection } from './connection.ts';
import { kafkajs } from './kafkajs.ts';
import { fetchOffsets } from './offsets.ts';

/** A record that a consumer could not read, as it was, with where and why. */
export interface DeadLetter {
  /** Its place among the dead letters of its topic: `<partition>/<offset>`. */
  readonly place: string;
  /** When it was put there, ms since the epoch, by the broker's clock. */
  readonly diedAtMs: number;
  readonly reason: string;
  /** Which service could not read it. */
  readonly consumer: string;
  /** Where it was. */
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
}

const READ_WITHIN_MS = 60_000;

/**
 * The newest dead letters of a topic, of `most` of each partition at most, oldest first. One that several consumers
 * could not read, or one consumer twice, is there once.
 * @throws Error where the broker does not give them within a minute
 */
export async function readDeadLetters(
  connection: KafkaConnection,
  topic: Topic,
  most: number,
): Promise<DeadLetter[]> {
  const name = `${connection.topic(topic)}.dead`;
  const group = connection.group(`dead-letters.${randomUUID().slice(0, 8)}`);
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    const spans = (await fetchOffsets(admin, name))
      .map(({ partition, start, high }) => ({ partition, high, start: max(start, high - BigInt(most)) }))
      .filter(({ start, high }) => high > start);
    if (spans.length === 0) return [];
    try {
      return await readSpans(connection, group, name, spans);
    } finally {
      // Nobody reads as this group again.
      await admin.deleteGroups([group]).catch(() => undefined);
    }
  } finally {
    await disconnectWithin(admin);
  }
}

interface Span {
  readonly partition: number;
  readonly start: bigint;
  readonly high: bigint;
}

async function readSpans(
  connection: KafkaConnection,
  groupId: string,
  topic: string,
  spans: readonly Span[],
): Promise<DeadLetter[]> {
  const consumer = connection.kafka.consumer({ groupId, allowAutoTopicCreation: false });
  const letters: DeadLetter[] = [];
  const unread = new Map(spans.map(({ partition, high }) => [partition, high]));
  let timer: NodeJS.Timeout | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${topic} could not be read in time`)), READ_WITHIN_MS);
      consumer
        .run({
          autoCommit: false,
          eachMessage: async ({ partition, message }) => {
            const high = unread.get(partition);
            if (high === undefined) return;
            if (BigInt(message.offset) < high) letters.push(toDeadLetter(partition, message));
            if (BigInt(message.offset) + 1n >= high) unread.delete(partition);
            if (unread.size === 0) resolve();
          },
        })
        .catch(reject);
      for (const { partition, start } of spans) consumer.seek({ topic, partition, offset: `${start}` });
    });
  } finally {
    clearTimeout(timer);
    await disconnectWithin(consumer);
  }
  return onceEach(letters.sort((a, b) => a.diedAtMs - b.diedAtMs));
}

/** Records are the same that were at the same place; a topic that was made anew has others there. */
function onceEach(letters: readonly DeadLetter[]): DeadLetter[] {
  const seen = new Set<string>();
  return letters.filter(({ partition, offset, value }) => {
    const record = `${partition}/${offset} ${value?.toString('base64')}`;
    return !seen.has(record) && seen.add(record);
  });
}

/** Writes letters back to where they were, as they were, in order: whoever reads there gets them again. */
export async function replayDeadLetters(
  connection: KafkaConnection,
  topic: Topic,
  letters: readonly DeadLetter[],
): Promise<void> {
  const producer = connection.kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    for (const { partition, key, value, headers } of letters) {
      const message = { partition, key, value, headers };
      await producer.send({ topic: connection.topic(topic), acks: -1, messages: [message] });
    }
  } finally {
    await disconnectWithin(producer);
  }
}

function toDeadLetter(
  partition: number,
  { offset, timestamp, key, value, headers = {} }: KafkaMessage,
): DeadLetter {
  const told = (name: string) => String(headers[`dead_${name}`] ?? '');
  return {
    place: `${partition}/${offset}`,
    diedAtMs: Number(timestamp),
    reason: told('reason'),
    consumer: told('consumer'),
    partition: Number(told('partition')),
    offset: told('offset'),
    key,
    value,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('dead_'))),
  };
}

const max = (a: bigint, b: bigint) => (a > b ? a : b);
