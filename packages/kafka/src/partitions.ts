import type { Topic } from '@tollgate/contracts/topics';
import { disconnectWithin, type KafkaConnection } from './connection.ts';
import { untilServed } from './until-served.ts';

export interface Partitions {
  readonly before: number;
  readonly after: number;
}

/**
 * Gives a topic more partitions. Keys whose hash now leads elsewhere go on there, with what they had staying where it is.
 * @param apply without it nothing is changed
 * @throws Error where that would be fewer: a topic's partitions can only be added to
 */
export async function addPartitions(
  connection: KafkaConnection,
  topic: Topic,
  count: number,
  apply: boolean,
): Promise<Partitions> {
  const name = connection.topic(topic);
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    const { topics } = await untilServed(() => admin.fetchTopicMetadata({ topics: [name] }));
    const before = topics[0]!.partitions.length;
    if (count < before) throw new Error(`${name} has ${before} partitions, and can only be given more`);
    if (apply && count > before) await admin.createPartitions({ topicPartitions: [{ topic: name, count }] });
    return { before, after: count };
  } finally {
    await disconnectWithin(admin);
  }
}
