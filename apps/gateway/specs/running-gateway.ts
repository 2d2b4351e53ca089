import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  EventType,
  KeyState,
  OrganizationState,
  TeamState,
  UsageRecorded,
} from '@tollgate/contracts/events';
import type { OwnKey } from '@tollgate/contracts/gateway-http';
import { UNLIMITED } from '@tollgate/contracts/limits';
import { freePort } from '@tollgate/dev-stack/ports';
import { type ServiceProcess, startService } from '@tollgate/dev-stack/service-process';
import { type Batch, KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { type Position, Publisher } from '@tollgate/kafka/publisher';
import { newId } from '@tollgate/service-kit/ids';
import { createLogger } from '@tollgate/service-kit/log';
import { digestSecret, newToken } from '@tollgate/service-kit/tokens';
import { eventually } from '@tollgate/testing/eventually';
import { DEFAULT_FAKE_API_KEY, type FakeProvider, startFakeProvider } from '@tollgate/testing/fake-provider';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { limitEvent } from './limit-event.ts';
import { MeteringStandIn } from './metering-stand-in.ts';

const hex = (byte: string) => byte.repeat(32);
export const PEPPERS = `2:${hex('22')},1:${hex('11')}`;
export const INTERNAL_TOKEN = 'internal token of the spec';
export const PEPPER = Buffer.from(hex('22'), 'hex');

export interface PublishedUsage {
  readonly record: UsageRecorded;
  readonly offset: bigint;
  readonly partition: number;
  readonly traceparent: string | undefined;
}

export interface SpecKey {
  readonly id: string;
  readonly token: string;
  readonly state: KeyState;
}

/** The gateway as a process on a real broker, with the spec in the places of key-admin, metering and client. */
export class RunningGateway {
  readonly usage: PublishedUsage[] = [];
  private acknowledged: Record<string, string> = {};

  private constructor(
    readonly provider: FakeProvider,
    readonly metering: MeteringStandIn,
    readonly publisher: Publisher,
    private readonly reader: KafkaBatchServer,
    private readonly logDirectory: string,
    private readonly topicPrefix: string,
    private readonly env: Record<string, string>,
  ) {}

  process!: ServiceProcess;

  /**
   * @param env settings of the gateway beside those that it needs to run here; KAFKA_BROKERS is the spec's broker too
   */
  static async start(label: string, env: Record<string, string> = {}): Promise<RunningGateway> {
    const topicPrefix = uniqueTopicPrefix(label);
    const connection = new KafkaConnection({
      brokers: (env['KAFKA_BROKERS'] ?? process.env['KAFKA_BROKERS']!).split(','),
      clientId: 'spec',
      topicPrefix,
      eventKeys: [{ version: 1, key: Buffer.from(hex('33'), 'hex') }],
      logger: createLogger('spec', 'silent'),
    });
    await provisionTopics(connection);
    const publisher = new Publisher(connection);
    await publisher.connect();
    const reader = new KafkaBatchServer(connection, publisher, { everyPartition: true, instance: 'spec' });
    const directory = mkdtempSync(join(tmpdir(), 'tollgate-gateway-'));
    const running = new RunningGateway(
      await startFakeProvider(),
      await MeteringStandIn.start(INTERNAL_TOKEN),
      publisher,
      reader,
      directory,
      topicPrefix,
      env,
    );
    try {
      await running.read();
      await running.startProcess(topicPrefix, env);
    } catch (error) {
      await running.stop();
      throw error;
    }
    return running;
  }

  get url(): string {
    return this.process.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async stop(): Promise<void> {
    await this.process?.stop();
    await this.reader.close();
    await this.provider.stop();
    await this.metering.stop();
    await this.publisher.disconnect();
    rmSync(this.logDirectory, { recursive: true, force: true });
  }

  /** Publishes a key's state as key-admin would, and waits until the gateway has acknowledged it. */
  async applyKey(state: KeyState, version = 1): Promise<void> {
    this.metering.change(state);
    const type = version === 1 ? 'tollgate.key.created.v1' : 'tollgate.key.updated.v1';
    await this.applyChange(type, state, version);
  }

  private async applyChange(type: EventType, state: { readonly id: string }, version: number): Promise<void> {
    const positions = await this.publisher.publish([
      toRecord('keys', {
        id: `${state.id}/${version}`,
        source: '/key-admin',
        type,
        time: new Date().toISOString(),
        subject: state.id,
        data: { version, actor: 'adm_spec', change: {}, state },
      }),
    ]);
    const { partition, offset } = positions[0] as Position;
    await eventually(() => expect(BigInt(this.acknowledged[partition] ?? 0)).toBeGreaterThan(offset));
  }

  /** Publishes a team's or the organization's state as key-admin would, and waits until the gateway has applied it. */
  async applyScope(state: TeamState | OrganizationState, version: number): Promise<void> {
    this.metering.change(state);
    const kind = 'warning_thresholds' in state ? 'organization' : 'team';
    await this.applyChange(`tollgate.${kind}.updated.v1`, state, version);
  }

  async newKey(overrides: Partial<KeyState> = {}): Promise<SpecKey> {
    const id = newId('key');
    const { token, secret } = newToken('tg', id);
    const current = {
      digest: digestSecret(secret, PEPPER),
      pepper: 2,
      last_four: token.slice(-4),
      expires_at: null,
    };
    const state: KeyState = {
      id,
      name: 'spec',
      team_id: 'team_default',
      enabled: true,
      revoked_at: null,
      expires_at: null,
      secrets: [current],
      limits: UNLIMITED,
      limit_revision: 1,
      generation: 0,
      metadata: {},
      allowed_models: null,
      allowed_ips: null,
      ...overrides,
    };
    await this.applyKey(state);
    return { id, token, state };
  }

  /** A key that holds what its requests may cost, with room for all that a spec does. */
  newHardKey(): Promise<SpecKey> {
    return this.newKey({ limits: { ...UNLIMITED, tokens: 1_000_000_000, enforcement: 'hard' } });
  }

  /** Publishes a meter as metering would. */
  async publishMeter(event: Parameters<typeof limitEvent>[0]): Promise<void> {
    const data = limitEvent(event);
    const time = new Date().toISOString();
    const type = 'tollgate.limit.metered.v1' as const;
    const id = `${data.scope_id}/metered/${data.sequence}`;
    const record = { id, source: '/metering', type, time, subject: data.scope_id, data };
    await this.publisher.publish([toRecord('limits', record)]);
  }

  /** Ends the process at once and starts another on the same log. */
  async crash(): Promise<void> {
    await this.process.kill();
    await this.startProcess(this.topicPrefix, this.env);
  }

  async meterOf(token: string): Promise<OwnKey['meter']> {
    const answer = await fetch(`${this.url}/v1/key`, { headers: { authorization: `Bearer ${token}` } });
    return ((await answer.json()) as OwnKey).meter;
  }

  recordsOf(keyId: string): UsageRecorded[] {
    return this.usage.map(({ record }) => record).filter(({ key_id }) => key_id === keyId);
  }

  /** The usage records of a key, once there are so many. */
  async recorded(keyId: string, count: number): Promise<UsageRecorded[]> {
    await eventually(() => expect(this.recordsOf(keyId)).toHaveLength(count));
    return this.recordsOf(keyId);
  }

  private async read(): Promise<void> {
    this.reader.addHandler('usage', async (batch: Batch) => {
      for (const { event, offset, traceparent } of batch.events) {
        // Refusals come there too, a minute after the first.
        if (event.type !== 'tollgate.usage.recorded.v1') continue;
        const record = event.data as UsageRecorded;
        this.usage.push({ record, offset, partition: batch.partition, traceparent });
        this.metering.count(record);
      }
    });
    this.reader.addHandler('gateways', async (batch: Batch) => {
      for (const { event } of batch.events) {
        this.acknowledged = (event.data as { applied: { keys: Record<string, string> } }).applied.keys;
      }
    });
    await this.reader.listen(() => undefined);
  }

  private async startProcess(topicPrefix: string, env: Record<string, string>): Promise<void> {
    const port = await freePort();
    this.process = await startService({
      name: 'gateway',
      entry: new URL('../dist/main.js', import.meta.url).pathname,
      readyUrl: `http://127.0.0.1:${port}/readyz`,
      env: {
        PORT: String(port),
        HOST: '127.0.0.1',
        KAFKA_BROKERS: process.env['KAFKA_BROKERS']!,
        TOLLGATE_TOPIC_PREFIX: topicPrefix,
        TOLLGATE_EVENT_KEYS: `1:${hex('33')}`,
        TOLLGATE_KEY_PEPPERS: PEPPERS,
        TOLLGATE_METERING_URL: this.metering.url,
        TOLLGATE_INTERNAL_TOKEN: INTERNAL_TOKEN,
        TOLLGATE_LOG_DIR: this.logDirectory,
        OPENAI_BASE_URL: `${this.provider.url}/v1`,
        OPENAI_API_KEY: DEFAULT_FAKE_API_KEY,
        ANTHROPIC_BASE_URL: `${this.provider.url}/v1`,
        ANTHROPIC_API_KEY: DEFAULT_FAKE_API_KEY,
        LOG_LEVEL: 'warn',
        ...env,
      },
    });
  }
}

/** An instruction to the fake provider for one request, to be put into its last message. */
export const directive = (instruction: object) => `[[fake:${JSON.stringify(instruction)}]]`;
