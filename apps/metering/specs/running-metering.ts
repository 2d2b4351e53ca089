import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { freePort } from '@tollgate/dev-stack/ports';
import { type ServiceProcess, startService } from '@tollgate/dev-stack/service-process';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { accessDenied, type Usage, usageRecord } from './given.ts';

const EVENT_KEY = randomBytes(32);

/** Metering as a process on a real broker and database, with the spec in the place of the gateways. */
export class RunningMetering {
  readonly prefix: string;
  /** What was sent, by id: the truth that the ledger must come to. */
  readonly sent = new Map<string, Usage & { readonly tokens: number }>();

  private constructor(
    readonly brokers: string,
    label: string,
    readonly database: TestDatabase,
    readonly db: DataSource,
    readonly connection: KafkaConnection,
    readonly publisher: Publisher,
  ) {
    this.prefix = label;
  }

  static async prepare(label: string, brokers: string): Promise<RunningMetering> {
    const prefix = uniqueTopicPrefix(label);
    const connection = new KafkaConnection({
      brokers: brokers.split(','),
      clientId: 'metering-spec',
      topicPrefix: prefix,
      eventKeys: [{ version: 1, key: EVENT_KEY }],
      logger: pino({ level: 'silent' }),
    });
    await provisionTopics(connection);
    const publisher = new Publisher(connection);
    await publisher.connect();
    const database = await createTestDatabase();
    const db = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    return new RunningMetering(brokers, prefix, database, db, connection, publisher);
  }

  async start(): Promise<ServiceProcess> {
    const port = await freePort();
    return startService({
      name: 'metering',
      entry: fileURLToPath(new URL('../dist/main.js', import.meta.url)),
      readyUrl: `http://127.0.0.1:${port}/readyz`,
      env: {
        PORT: `${port}`,
        DATABASE_URL: this.database.url,
        KAFKA_BROKERS: this.brokers,
        TOLLGATE_TOPIC_PREFIX: this.prefix,
        TOLLGATE_EVENT_KEYS: `1:${EVENT_KEY.toString('hex')}`,
        TOLLGATE_INTERNAL_TOKEN: randomBytes(32).toString('hex'),
        LOG_LEVEL: 'warn',
      },
    });
  }

  /** Publishes records of so many attempts, over 13 keys and 3 teams; every tenth is published twice. */
  async use(count: number): Promise<void> {
    const first = this.sent.size;
    const usages = Array.from({ length: count }, (_, i) => {
      const n = first + i;
      return {
        id: `req_${n}/1`,
        key: `key_${n % 13}`,
        team: `team_${n % 3}`,
        tokens: 1 + (n % 97),
        cost: '0.000001',
        admittedAtMs: Date.now(),
      };
    });
    for (const usage of usages) this.sent.set(usage.id, usage);
    const doubled = usages.filter((_, i) => i % 10 === 0);
    await this.publisher.publish(
      [...usages, ...doubled].map((usage) => {
        const record = usageRecord(usage);
        return toRecord('usage', {
          id: record.id,
          source: '/gateway/spec',
          type: 'tollgate.usage.recorded.v1',
          time: record.settled_at,
          subject: record.key_id,
          data: record,
        });
      }),
    );
  }

  /** Publishes refusals, which are nothing to metering. */
  refuse(count: number): Promise<unknown> {
    const data = accessDenied();
    return this.publisher.publish(
      Array.from({ length: count }, (_, i) =>
        toRecord('usage', {
          id: `denied ${i}`,
          source: '/gateway/spec',
          type: 'tollgate.access.denied.v1',
          time: data.minute,
          subject: data.key_id!,
          data,
        }),
      ),
    );
  }

  /** Records and tokens in the ledger, and the same as the organization's totals have them. */
  async counted(): Promise<{ ledger: string; totals: string }> {
    const [row] = await this.db.query(`
      SELECT (SELECT count(*) || ' ' || coalesce(sum(tokens_total), 0) FROM usage_ledger) AS ledger,
        (SELECT coalesce(sum(requests), 0) || ' ' || coalesce(sum(tokens), 0) FROM totals
         WHERE scope_id = 'org_default') AS totals`);
    return row;
  }

  /** Records that were sent and are not in the totals. */
  async waiting(): Promise<number> {
    const [row] = await this.db.query(
      `SELECT coalesce(sum(requests), 0)::int AS counted FROM totals WHERE scope_id = 'org_default'`,
    );
    return this.sent.size - row.counted;
  }

  /** What {@link counted} must come to. */
  get expected(): { ledger: string; totals: string } {
    let tokens = 0;
    for (const usage of this.sent.values()) tokens += usage.tokens;
    const both = `${this.sent.size} ${tokens}`;
    return { ledger: both, totals: both };
  }

  async close(): Promise<void> {
    await this.publisher.disconnect();
    await this.db.destroy();
    await this.database.drop();
  }
}
