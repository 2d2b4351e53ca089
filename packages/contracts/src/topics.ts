/**
 * The topics, their shape on the broker and their one writer. Names carry the deployment's prefix
 * (`tollgate` unless configured), so several deployments can share a cluster.
 */
export interface TopicSpec {
  readonly partitions: number;
  /** Kafka topic configuration, provisioned at start. */
  readonly config: Readonly<Record<string, string>>;
  readonly writer: 'key-admin' | 'metering' | 'gateway';
  /** Gets a heartbeat record on every partition each second, so that readers can tell quiet from stale. */
  readonly heartbeats: boolean;
  /** Records carry an HMAC that readers verify, since whoever can write here could mint keys or lift limits. */
  readonly signed: boolean;
}

const DAY_MS = 86_400_000;
/** Stamped by the broker: it refuses records whose own stamp is an hour ahead, and clocks of services can be. */
const stamped = { 'message.timestamp.type': 'LogAppendTime' };
const retained = (days: number) => ({
  ...stamped,
  'cleanup.policy': 'delete',
  'retention.ms': String(days * DAY_MS),
});
const compacted = {
  ...stamped,
  'cleanup.policy': 'compact',
  'segment.ms': '600000',
  'max.compaction.lag.ms': '3600000',
  'min.cleanable.dirty.ratio': '0.1',
};

export const TOPICS = {
  keys: { partitions: 12, config: compacted, writer: 'key-admin', heartbeats: true, signed: true },
  usage: {
    partitions: 12,
    config: retained(30),
    writer: 'gateway',
    heartbeats: false,
    signed: false,
  },
  limits: { partitions: 12, config: compacted, writer: 'metering', heartbeats: true, signed: true },
  'limit-events': {
    partitions: 12,
    config: retained(90),
    writer: 'metering',
    heartbeats: false,
    signed: false,
  },
  gateways: { partitions: 12, config: retained(1), writer: 'gateway', heartbeats: false, signed: false },
} as const satisfies Record<string, TopicSpec>;

export type Topic = keyof typeof TOPICS;
export const TOPIC_NAMES = Object.keys(TOPICS) as Topic[];

export const DEFAULT_TOPIC_PREFIX = 'tollgate';
export const topicName = (prefix: string, topic: Topic) => `${prefix}.${topic}`;

/** Where records go that their consumer cannot read: the original bytes, their position and the error. */
export const deadLetterTopicName = (prefix: string, topic: Topic) => `${topicName(prefix, topic)}.dead`;
export const DEAD_LETTER_CONFIG = retained(90);

/** The record key of a heartbeat on a partition: fixed, so that compaction keeps only the latest. */
export const heartbeatKey = (partition: number) => `~hb/${partition}`;
export const isHeartbeatKey = (key: string) => key.startsWith('~hb/');
