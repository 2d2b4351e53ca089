import { heartbeatKey, TOPICS, type Topic } from '@tollgate/contracts/topics';
import { toRecord } from '@tollgate/kafka/cloud-event';

/** A heartbeat for each partition of a topic, from the one service that writes the topic. */
export const heartbeats = (topic: Topic, partitions: number, nowMs: number) =>
  Array.from({ length: partitions }, (_, partition) => ({
    partition,
    record: toRecord(topic, {
      id: `heartbeat/${topic}/${partition}/${nowMs}`,
      source: `/${TOPICS[topic].writer}`,
      type: 'tollgate.heartbeat.v1',
      time: new Date(nowMs).toISOString(),
      subject: heartbeatKey(partition),
      data: {},
    }),
  }));
