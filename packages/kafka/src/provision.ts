import { DEAD_LETTER_CONFIG, TOPIC_NAMES, TOPICS } from '@tollgate/contracts/topics';
import { disconnectWithin, type KafkaConnection } from './connection.ts';
import { untilServed } from './until-served.ts';

const entries = (config: Readonly<Record<string, string>>) =>
  Object.entries(config).map(([name, value]) => ({ name, value }));

/** Dead letters carry headers beside the original bytes, so they may be larger than what they carry. */
const DEAD_LETTER_MAX_BYTES = '2097152';

/** Creates the topics that are missing; leaves those that exist as they are. Several services may do it at once. */
export async function provisionTopics(connection: KafkaConnection): Promise<void> {
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const wanted = TOPIC_NAMES.flatMap((topic) => [
      {
        topic: connection.topic(topic),
        numPartitions: TOPICS[topic].partitions,
        configEntries: entries(TOPICS[topic].config),
      },
      {
        topic: `${connection.topic(topic)}.dead`,
        numPartitions: 1,
        configEntries: entries({ ...DEAD_LETTER_CONFIG, 'max.message.bytes': DEAD_LETTER_MAX_BYTES }),
      },
    ]).filter(({ topic }) => !existing.has(topic));
    // -1: the cluster's own replication factor.
    const topics = wanted.map((topic) => ({ ...topic, replicationFactor: -1 }));
    // `false` means that another service was first, which is as good.
    if (topics.length === 0) return;
    await admin.createTopics({ topics, waitForLeaders: false });
    await untilServed(() => admin.fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) }));
  } finally {
    await disconnectWithin(admin);
  }
}
