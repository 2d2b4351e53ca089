import type { EventType, LimitEvent } from '@tollgate/contracts/events';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { createLogger } from '@tollgate/service-kit/log';
import { EVENT_KEY } from './running-key-admin.ts';

type Kind = 'warned' | 'breached' | 'reset';

/** Writes limit events as metering does. */
export class LimitEvents {
  private constructor(private readonly publisher: Publisher) {}

  static async open(topicPrefix: string): Promise<LimitEvents> {
    const connection = new KafkaConnection({
      brokers: (process.env['KAFKA_BROKERS'] ?? '').split(','),
      clientId: 'metering-spec',
      topicPrefix,
      eventKeys: [{ version: 1, key: EVENT_KEY }],
      logger: createLogger('spec', 'silent'),
    });
    await provisionTopics(connection);
    const publisher = new Publisher(connection);
    await publisher.connect();
    return new LimitEvents(publisher);
  }

  async publish(kind: Kind, id: string, scopeId: string, atMs = Date.now()): Promise<void> {
    const type: EventType = `tollgate.limit.${kind}.v1`;
    const time = new Date(atMs).toISOString();
    const data = limitEventOf(scopeId);
    const record = toRecord('limit-events', { id, source: '/metering', type, time, subject: scopeId, data });
    await this.publisher.publish([record]);
  }

  close(): Promise<void> {
    return this.publisher.disconnect();
  }
}

export const limitEventOf = (scopeId: string): LimitEvent => ({
  scope: 'key',
  scope_id: scopeId,
  period: { id: 'all', start: null, end: null },
  generation: 0,
  limit_revision: 1,
  limit: { cost_usd: '12.50', tokens: 1_000 },
  dimension: 'tokens',
  used: { cost_usd: '3.125', tokens: 1_000, requests: 17 },
  blocked: ['tokens'],
  resets_at: null,
  reason: 'usage',
  sequence: 8,
});
