import { randomBytes } from 'node:crypto';
import type { CloudEvent, KeyChanged } from '@tollgate/contracts/events';
import { DEFAULT_TEAM_ID } from '@tollgate/contracts/ids';
import { heartbeatKey, TOPICS, type Topic } from '@tollgate/contracts/topics';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { newId } from '@tollgate/service-kit/ids';
import { createLogger } from '@tollgate/service-kit/log';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';

const BATCH = 2_000;
const HEARTBEAT_MS = 1_000;

/** Topics of a deployment of their own, with key-admin's records on them and without key-admin. */
export class KeyTopics {
  private heartbeats: NodeJS.Timeout | undefined;

  private constructor(
    readonly prefix: string,
    private readonly publisher: Publisher,
  ) {}

  /** @param eventKeys as TOLLGATE_EVENT_KEYS has them */
  static async create(brokers: string, label: string, eventKeys: string): Promise<KeyTopics> {
    const prefix = uniqueTopicPrefix(label);
    const [version = '', hex = ''] = eventKeys.split(':');
    const connection = new KafkaConnection({
      brokers: [brokers],
      clientId: 'bench',
      topicPrefix: prefix,
      eventKeys: [{ version: Number(version), key: Buffer.from(hex, 'hex') }],
      logger: createLogger('bench', 'error'),
    });
    await provisionTopics(connection);
    const publisher = new Publisher(connection);
    await publisher.connect();
    return new KeyTopics(prefix, publisher);
  }

  /** @returns records/s */
  async publishKeys(count: number, onProgress: (done: number) => void): Promise<number> {
    const startedMs = performance.now();
    for (let done = 0; done < count; done += BATCH) {
      if (done % (BATCH * 50) === 0) onProgress(done);
      const size = Math.min(BATCH, count - done);
      await this.publisher.publish(Array.from({ length: size }, () => toRecord('keys', keyCreated())));
    }
    return (count / (performance.now() - startedMs)) * 1_000;
  }

  /** As the services that write these topics send them: a gateway distrusts a topic without. */
  startHeartbeats(): void {
    const beat = () => {
      const records = (['keys', 'limits'] as const).flatMap((topic) => heartbeatsOf(topic));
      void this.publisher.publishTo(records).catch(() => {});
    };
    beat();
    this.heartbeats = setInterval(beat, HEARTBEAT_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.heartbeats);
    await this.publisher.disconnect();
  }
}

function heartbeatsOf(topic: Topic) {
  const time = new Date().toISOString();
  return Array.from({ length: TOPICS[topic].partitions }, (_, partition) => ({
    partition,
    record: toRecord(topic, {
      id: newId('evt'),
      source: `/${TOPICS[topic].writer}`,
      type: 'tollgate.heartbeat.v1',
      time,
      subject: heartbeatKey(partition),
      data: {},
    }),
  }));
}

/** A key's creation as key-admin tells it. */
export function keyCreated(): CloudEvent<KeyChanged> {
  const id = newId('key');
  return {
    id: newId('evt'),
    source: '/key-admin',
    type: 'tollgate.key.created.v1',
    time: new Date().toISOString(),
    subject: id,
    data: {
      version: 1,
      actor: 'adm_bench',
      change: {},
      state: {
        id,
        name: `service ${id.slice(-6)}`,
        team_id: DEFAULT_TEAM_ID,
        enabled: true,
        revoked_at: null,
        expires_at: null,
        secrets: [
          { digest: randomBytes(32).toString('hex'), pepper: 1, last_four: id.slice(-4), expires_at: null },
        ],
        limits: {
          cost_usd: '25.00',
          tokens: 5_000_000,
          requests_per_minute: 600,
          reset_period: 'monthly',
          timezone: 'UTC',
          enforcement: 'soft',
        },
        limit_revision: 1,
        generation: 0,
        metadata: {},
        allowed_models: null,
        allowed_ips: null,
      },
    },
  };
}
