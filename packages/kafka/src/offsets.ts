import type { Topic } from '@tollgate/contracts/topics';
import type { Admin } from 'kafkajs';
import { disconnectWithin, type KafkaConnection } from './connection.ts';
import { untilServed } from './until-served.ts';

/**
 * The next offset of every partition of a topic, and the one from which records are read: the first, or the first
 * that the broker stamped at `sinceMs` or later.
 */
export const fetchOffsets = (admin: Admin, topic: string, sinceMs: number | null = null) =>
  untilServed(async () => {
    const offsets = await admin.fetchTopicOffsets(topic);
    const recent = sinceMs === null ? [] : await admin.fetchTopicOffsetsByTimestamp(topic, sinceMs);
    const starts = new Map(recent.map(({ partition, offset }) => [partition, BigInt(offset)]));
    return offsets.map(({ partition, low, high }) => ({
      partition,
      high: BigInt(high),
      start: starts.get(partition) ?? BigInt(low),
    }));
  });

/** Partition → offset after its last record: where a reader begins that wants no history. */
export async function topicEnds(connection: KafkaConnection, topic: Topic): Promise<Map<number, bigint>> {
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    const offsets = await fetchOffsets(admin, connection.topic(topic));
    return new Map(offsets.map(({ partition, high }) => [partition, high]));
  } finally {
    await disconnectWithin(admin);
  }
}

/** Partition → offset up to which a group's progress is committed, of those where any is. */
export async function committedOffsets(
  connection: KafkaConnection,
  group: string,
  topic: Topic,
): Promise<Map<number, bigint>> {
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    const [found] = await admin.fetchOffsets({
      groupId: connection.group(group),
      topics: [connection.topic(topic)],
    });
    const offsets = (found?.partitions ?? []).map(
      ({ partition, offset }) => [partition, BigInt(offset)] as const,
    );
    return new Map(offsets.filter(([, offset]) => offset >= 0n));
  } finally {
    await disconnectWithin(admin);
  }
}
