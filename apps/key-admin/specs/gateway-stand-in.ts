import type { CloudEvent, GatewayReported, KeyChanged } from '@tollgate/contracts/events';
import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { createLogger } from '@tollgate/service-kit/log';
import { EVENT_KEY } from './running-key-admin.ts';

/** Reads the keys topic from its beginning as a gateway does, and reports what the spec has it report. */
export class GatewayStandIn {
  /** Every event of a scope, in the order of its partition. */
  readonly events: CloudEvent<KeyChanged>[] = [];
  readonly beats = new Map<number, number>();
  /** Whether it reports after each batch, as a healthy gateway does. */
  acknowledging = true;
  /** Key → admissions in the last minute, named in each report. */
  windows: Record<string, number> = {};
  private readonly applied: Record<string, string> = {};

  private constructor(
    private readonly instance: string,
    private readonly publisher: Publisher,
    private readonly server: KafkaBatchServer,
  ) {}

  static async start(instance: string, topicPrefix: string): Promise<GatewayStandIn> {
    const connection = new KafkaConnection({
      brokers: (process.env['KAFKA_BROKERS'] ?? '').split(','),
      clientId: instance,
      topicPrefix,
      eventKeys: [{ version: 1, key: EVENT_KEY }],
      logger: createLogger('spec', 'silent'),
    });
    await provisionTopics(connection);
    const publisher = new Publisher(connection);
    await publisher.connect();
    const server = new KafkaBatchServer(connection, publisher, { everyPartition: true, instance });
    const standIn = new GatewayStandIn(instance, publisher, server);
    server.addHandler('keys', (batch) => standIn.apply(batch), true);
    await server.listen((error) => {
      if (error) throw error;
    });
    await server.caughtUp;
    return standIn;
  }

  async report(leaving = false): Promise<void> {
    const data: GatewayReported = {
      instance: this.instance,
      started_at: '2026-11-23T10:00:00.000Z',
      leaving,
      applied: { keys: { ...this.applied }, limits: {} },
      windows: this.windows,
    };
    const time = new Date().toISOString();
    const type = 'tollgate.gateway.reported.v1';
    const event = {
      id: time,
      source: `/gateway/${this.instance}`,
      type,
      time,
      subject: this.instance,
      data,
    } as const;
    await this.publisher.publish([toRecord('gateways', event)]);
  }

  eventsOf(scopeId: string): CloudEvent[] {
    return this.events.filter(({ subject }) => subject === scopeId);
  }

  versionsOf(keyId: string): number[] {
    return this.events.filter(({ subject }) => subject === keyId).map(({ data }) => data.version);
  }

  async stop(): Promise<void> {
    await this.report(true);
    await this.server.close();
    await this.publisher.disconnect();
  }

  private async apply(batch: { partition: number; nextOffset: bigint; events: { event: CloudEvent }[] }) {
    for (const { event } of batch.events) {
      if (event.type === 'tollgate.heartbeat.v1') {
        this.beats.set(batch.partition, (this.beats.get(batch.partition) ?? 0) + 1);
      } else this.events.push(event as CloudEvent<KeyChanged>);
    }
    this.applied[batch.partition] = `${batch.nextOffset}`;
    if (this.acknowledging) await this.report();
  }
}
