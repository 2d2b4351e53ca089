import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { UsageAdjusted, UsageRecorded } from '@tollgate/contracts/events';
import { parseUsd } from '@tollgate/contracts/money';
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
import { HOUR_MS, usageAdjusted, usageRecord } from './given.ts';

/** What the line items must come to. */
export interface Sums {
  readonly requests: string;
  readonly tokens: string;
  readonly cost: string;
}

/** Billing as a process on a real broker and database, with the spec in the place of gateways and metering. */
export class RunningBilling {
  readonly internalToken = randomBytes(32).toString('hex');
  private requests = 0;
  private tokens = 0n;
  private cost = 0n;
  private published = 0;

  private constructor(
    readonly prefix: string,
    readonly database: TestDatabase,
    readonly db: DataSource,
    readonly connection: KafkaConnection,
    readonly publisher: Publisher,
  ) {}

  static async prepare(label: string): Promise<RunningBilling> {
    const prefix = uniqueTopicPrefix(label);
    const connection = new KafkaConnection({
      brokers: process.env['KAFKA_BROKERS']!.split(','),
      clientId: 'billing-spec',
      topicPrefix: prefix,
      eventKeys: [],
      logger: pino({ level: 'silent' }),
    });
    await provisionTopics(connection);
    const publisher = new Publisher(connection);
    await publisher.connect();
    const database = await createTestDatabase();
    const db = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    return new RunningBilling(prefix, database, db, connection, publisher);
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const port = await freePort();
    return startService({
      name: 'billing-export',
      entry: fileURLToPath(new URL('../dist/main.js', import.meta.url)),
      readyUrl: `http://127.0.0.1:${port}/readyz`,
      env: {
        PORT: `${port}`,
        DATABASE_URL: this.database.url,
        KAFKA_BROKERS: process.env['KAFKA_BROKERS']!,
        TOLLGATE_TOPIC_PREFIX: this.prefix,
        TOLLGATE_INTERNAL_TOKEN: this.internalToken,
        LOG_LEVEL: 'warn',
        ...env,
      },
    });
  }

  /**
   * Publishes records of so many attempts of the last hours, over 13 keys and 3 teams; every tenth is published
   * twice, every seventh was admitted long ago, and every twentieth is corrected, twice by the same correction.
   */
  async use(count: number): Promise<void> {
    const records: UsageRecorded[] = [];
    const corrections: UsageAdjusted[] = [];
    for (let i = 0; i < count; i += 1) {
      const n = this.published + i;
      const about = { key: `key_${n % 13}`, team: `team_${n % 3}` };
      const admittedAtMs = Date.now() - (n % 7 === 0 ? 20 * 24 + (n % 5) : n % 3) * HOUR_MS;
      const record = usageRecord({
        id: `req_${n}/1`,
        ...about,
        admittedAtMs,
        tokens: n % 97,
        cost: '0.000000000001',
      });
      records.push(record);
      if (n % 10 === 0) records.push(record);
      this.add(1, record.tokens.total, record.cost_usd!);
      if (n % 20 !== 0) continue;
      const correction = usageAdjusted({
        id: `adj_${n}`,
        ...about,
        admittedAtMs,
        tokens: -2,
        cost: '0.000000000003',
      });
      corrections.push(correction, correction);
      this.add(0, correction.tokens, correction.cost_usd);
    }
    this.published += count;
    await this.publisher.publish([
      ...records.map((record) => this.record('usage', record)),
      ...corrections.map((correction) => this.record('limit-events', correction)),
    ]);
  }

  record(topic: 'usage' | 'limit-events', data: UsageRecorded | UsageAdjusted) {
    return toRecord(topic, {
      id: data.id,
      source: '/spec',
      type: topic === 'usage' ? 'tollgate.usage.recorded.v1' : 'tollgate.usage.adjusted.v1',
      time: data.admitted_at,
      subject: data.key_id,
      data,
    });
  }

  private add(requests: number, tokens: number, cost: string): void {
    this.requests += requests;
    this.tokens += BigInt(tokens);
    this.cost += parseUsd(cost);
  }

  get expected(): Sums {
    return { requests: `${this.requests}`, tokens: `${this.tokens}`, cost: `${this.cost}` };
  }

  async billed(): Promise<Sums> {
    const [row] = await this.db.query(
      `SELECT coalesce(sum(requests), 0)::text AS requests, coalesce(sum(tokens_total), 0)::text AS tokens,
        coalesce(sum(cost), 0)::text AS cost FROM billing.line_items`,
    );
    return row;
  }

  async close(): Promise<void> {
    await this.publisher.disconnect();
    await this.db.destroy();
    await this.database.drop();
  }
}
