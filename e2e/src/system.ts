import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabases, type DatabaseUrls } from '@tollgate/dev-stack/databases';
import { freePort } from '@tollgate/dev-stack/ports';
import { generateSecrets } from '@tollgate/dev-stack/secrets';
import { type ServiceOptions, type ServiceProcess, startService } from '@tollgate/dev-stack/service-process';
import { type ServiceName, systemServices } from '@tollgate/dev-stack/services';
import { CLOCK_PRELOAD_ARGS, shiftClock } from '@tollgate/testing/clock-shift';
import { DEFAULT_FAKE_API_KEY, type FakeProvider, startFakeProvider } from '@tollgate/testing/fake-provider';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import OpenAI from 'openai';
import { AdminApi } from './admin-api.ts';

export type Service = Exclude<ServiceName, 'fake-provider'>;
const SERVICES: Service[] = ['metering', 'key-admin', 'gateway'];
const STOP_ORDER: Service[] = ['gateway', 'key-admin', 'metering', 'billing-export'];

export interface SystemParts {
  /** Beside those that every system has. */
  readonly with?: readonly Service[];
  /** Settings as an operator makes them. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told every line of every service's log. */
  readonly onLine?: (line: string, service: Service) => void;
}

/** The whole system as processes, on a database and topics of its own; the provider is a server in this process. */
export class System {
  private constructor(
    readonly provider: FakeProvider,
    readonly admin: AdminApi,
    readonly topicPrefix: string,
    readonly databases: DatabaseUrls,
    /** Where the services keep their files, their logs too. */
    readonly stateDir: string,
    readonly eventKeys: string,
    readonly keyPeppers: string,
    readonly internalToken: string,
    private readonly options: ReturnType<typeof systemServices>,
    private readonly onLine: NonNullable<SystemParts['onLine']>,
    private readonly running: Map<Service, ServiceProcess>,
  ) {}

  static async start(label: string, parts: SystemParts = {}): Promise<System> {
    const topicPrefix = uniqueTopicPrefix(label);
    const secrets = generateSecrets();
    const provider = await startFakeProvider({ apiKey: DEFAULT_FAKE_API_KEY });
    const databases = await createDatabases({
      adminUrl: process.env['DATABASE_URL']!,
      prefix: topicPrefix.replaceAll('-', '_'),
      ...secrets,
    });
    const [gateway, keyAdmin, metering, billing] = await Promise.all(
      Array.from({ length: 4 }, () => freePort()),
    );
    const stateDir = mkdtempSync(join(tmpdir(), 'tollgate-e2e-'));
    const options = systemServices({
      secrets,
      databases,
      brokers: process.env['KAFKA_BROKERS']!,
      ports: {
        gateway: gateway!,
        'key-admin': keyAdmin!,
        metering: metering!,
        'billing-export': billing!,
        'fake-provider': Number(new URL(provider.url).port),
      },
      upstream: 'fake',
      stateDir,
      topicPrefix,
      env: { LOG_LEVEL: 'warn', ...parts.env },
    });
    const admin = new AdminApi(`http://127.0.0.1:${keyAdmin}`, secrets.adminKey);
    const system = new System(
      provider,
      admin,
      topicPrefix,
      databases,
      stateDir,
      secrets.eventKeys,
      secrets.keyPeppers,
      secrets.internalToken,
      options,
      parts.onLine ?? (() => undefined),
      new Map(),
    );
    try {
      await Promise.all([...SERVICES, ...(parts.with ?? [])].map((name) => system.startAgain(name)));
      await admin.hasHeardOf(1);
    } catch (error) {
      await system.stop();
      throw error;
    }
    return system;
  }

  get services(): Service[] {
    return [...this.running.keys()];
  }

  get gatewayUrl(): string {
    return this.service('gateway').url;
  }

  /** Where a service answers. */
  urlOf(name: Service): string {
    return this.service(name).url;
  }

  get meteringDatabaseUrl(): string {
    return this.databases.metering;
  }

  get meteringUrl(): string {
    return this.service('metering').url;
  }

  /** Where billing answers those who show {@link internalToken}. */
  get billingUrl(): string {
    return this.service('billing-export').url;
  }

  /** The stock client, told to report what it got instead of trying again. */
  client(token: string): OpenAI {
    return new OpenAI({ apiKey: token, baseURL: `${this.gatewayUrl}/v1`, maxRetries: 0 });
  }

  /** kill -9, as a machine does it. */
  async kill(name: Service): Promise<void> {
    await this.service(name).kill();
    this.running.delete(name);
  }

  /** Starts a service that does not run, as it was started before. */
  async startAgain(name: Service): Promise<void> {
    const logFile = join(this.stateDir, 'logs', `${name}.log`);
    const onLine = (line: string) => this.onLine(line, name);
    const options = { ...this.options[name], nodeArgs: CLOCK_PRELOAD_ARGS, ipc: true, logFile, onLine };
    this.running.set(name, await startService(options));
  }

  /** How another gateway is run beside the first; the caller starts it, and stops it first. */
  async gatewayBeside(name: string): Promise<ServiceOptions> {
    const { env, ...rest } = this.options.gateway;
    const port = await freePort();
    return {
      ...rest,
      name,
      readyUrl: `http://127.0.0.1:${port}/readyz`,
      env: {
        ...env,
        PORT: String(port),
        TOLLGATE_INSTANCE: name,
        TOLLGATE_LOG_DIR: `${env['TOLLGATE_LOG_DIR']}-${name}`,
      },
    };
  }

  /** Sets the clocks of all services to `instant`, from where they run on. */
  moveClocksTo(instant: Date): Promise<void> {
    return this.shiftClocks(instant, false);
  }

  /** Lets time pass until `instant`: windows turn over, which do not go by a clock that can be set. */
  passUntil(instant: Date): Promise<void> {
    return this.shiftClocks(instant, true);
  }

  async stop(): Promise<void> {
    for (const service of STOP_ORDER.map((name) => this.running.get(name))) await service?.stop();
    await this.provider.stop();
  }

  private async shiftClocks(instant: Date, passes: boolean): Promise<void> {
    const offset = instant.getTime() - Date.now();
    await Promise.all(
      [...this.running.values()].map(({ child }) => shiftClock(child.process, offset, passes)),
    );
  }

  private service(name: Service): ServiceProcess {
    const found = this.running.get(name);
    if (!found) throw new Error(`${name} does not run`);
    return found;
  }
}

/** An instruction to the fake provider for one request, to be put into its last message. */
export const fake = (instruction: object) => `[[fake:${JSON.stringify(instruction)}]]`;

/** A chat completion with one message. */
export const chat = (content: string) => ({
  model: 'gpt-4o-mini',
  messages: [{ role: 'user' as const, content }],
});
