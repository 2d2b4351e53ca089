import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabases, type DatabaseUrls } from '@tollgate/dev-stack/databases';
import { freePort } from '@tollgate/dev-stack/ports';
import { generateSecrets, type Secrets } from '@tollgate/dev-stack/secrets';
import { type ServiceProcess, startService } from '@tollgate/dev-stack/service-process';
import { type ServiceName, systemServices } from '@tollgate/dev-stack/services';
import { type Balancer, startBalancer } from '@tollgate/testing/balancer';
import {
  DEFAULT_FAKE_API_KEY,
  DEFAULT_LOG_CAPACITY,
  type FakeProvider,
  startFakeProvider,
} from '@tollgate/testing/fake-provider';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import OpenAI from 'openai';
import { AdminApi } from './admin-api.ts';

export type Service = Exclude<ServiceName, 'fake-provider'>;
const SERVICES: readonly Service[] = ['metering', 'key-admin', 'billing-export', 'gateway'];
const STOP_ORDER = SERVICES.toReversed();

export interface SeveralOptions {
  readonly copies: Readonly<Record<Service, number>>;
  readonly brokers?: string;
  readonly databaseUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Of node, for every service; with a channel to it. */
  readonly nodeArgs?: readonly string[];
  /** Requests that the provider remembers. */
  readonly providerLog?: number;
}

/** One instance of a service. */
export interface Instance {
  readonly service: Service;
  readonly name: string;
  process: ServiceProcess | null;
}

/** The system as a company runs it: several of each service, each kind behind a balancer. */
export class SeveralOfEach {
  readonly admin: AdminApi;
  readonly instances: Instance[] = [];

  private constructor(
    readonly provider: FakeProvider,
    readonly secrets: Secrets,
    readonly databases: DatabaseUrls,
    readonly topicPrefix: string,
    readonly balancers: Readonly<Record<Service, Balancer>>,
    private readonly options: Required<SeveralOptions>,
    readonly stateDir: string,
  ) {
    this.admin = new AdminApi(balancers['key-admin'].url, secrets.adminKey);
  }

  static async start(label: string, given: SeveralOptions): Promise<SeveralOfEach> {
    const options = {
      brokers: process.env['KAFKA_BROKERS']!,
      databaseUrl: process.env['DATABASE_URL']!,
      env: {},
      nodeArgs: [],
      providerLog: DEFAULT_LOG_CAPACITY,
      ...given,
    };
    const topicPrefix = uniqueTopicPrefix(label);
    const secrets = generateSecrets();
    const databases = await createDatabases({
      adminUrl: options.databaseUrl,
      prefix: topicPrefix.replaceAll('-', '_'),
      ...secrets,
    });
    const balancers = Object.fromEntries(
      await Promise.all(SERVICES.map(async (service) => [service, await startBalancer()] as const)),
    ) as Record<Service, Balancer>;
    const provider = await startFakeProvider({
      apiKey: DEFAULT_FAKE_API_KEY,
      logCapacity: options.providerLog,
    });
    const system = new SeveralOfEach(
      provider,
      secrets,
      databases,
      topicPrefix,
      balancers,
      options,
      mkdtempSync(join(tmpdir(), 'tollgate-several-')),
    );
    for (const service of SERVICES) {
      for (let copy = 0; copy < options.copies[service]; copy += 1)
        system.instances.push({ service, name: `${service}-${copy}`, process: null });
    }
    try {
      await Promise.all(system.instances.map((instance) => system.startAgain(instance)));
      await system.admin.hasHeardOf(options.copies.gateway);
    } catch (error) {
      await system.stop();
      throw error;
    }
    return system;
  }

  get brokers(): string {
    return this.options.brokers;
  }

  of(service: Service): Instance[] {
    return this.instances.filter((instance) => instance.service === service);
  }

  /** The stock client, told to report what it got instead of trying again. */
  client(token: string): OpenAI {
    return new OpenAI({ apiKey: token, baseURL: `${this.balancers.gateway.url}/v1`, maxRetries: 0 });
  }

  /** Starts an instance, on what its former process left, and waits until its balancer sends it requests. */
  async startAgain(instance: Instance): Promise<void> {
    const { service, name } = instance;
    const port = await freePort();
    const options = this.describe()[service];
    instance.process = await startService({
      ...options,
      env: {
        ...options.env,
        PORT: String(port),
        ...(service === 'gateway'
          ? {
              TOLLGATE_INSTANCE: name,
              TOLLGATE_LOG_DIR: join(this.stateDir, name),
              TOLLGATE_METERING_URL: this.balancers.metering.url,
            }
          : {}),
        ...(service === 'key-admin' ? { METERING_URL: this.balancers.metering.url } : {}),
      },
      nodeArgs: [...(options.nodeArgs ?? []), ...this.options.nodeArgs],
      ipc: true,
      readyUrl: `http://127.0.0.1:${port}/readyz`,
      logFile: join(this.stateDir, 'logs', `${name}.log`),
    });
    this.tellBalancer(service);
    await this.balancers[service].look();
  }

  /** SIGTERM, and the end of the process. */
  async stopOne(instance: Instance): Promise<void> {
    await instance.process?.stop();
    instance.process = null;
    this.tellBalancer(instance.service);
  }

  /** kill -9 */
  async kill(instance: Instance): Promise<void> {
    await instance.process?.kill();
    instance.process = null;
    this.tellBalancer(instance.service);
  }

  async stop(): Promise<void> {
    for (const service of STOP_ORDER) await Promise.all(this.of(service).map((one) => this.stopOne(one)));
    await Promise.all(Object.values(this.balancers).map((balancer) => balancer.stop()));
    await this.provider.stop();
  }

  /** Who is stopping still gets what its balancer sends until it sees that it is not ready. */
  private tellBalancer(service: Service): void {
    this.balancers[service].serve(this.of(service).flatMap(({ process }) => process?.url ?? []));
  }

  private describe() {
    const { secrets, databases, topicPrefix, stateDir, options } = this;
    return systemServices({
      secrets,
      databases,
      brokers: options.brokers,
      ports: {
        gateway: 0,
        'key-admin': 0,
        metering: 0,
        'billing-export': 0,
        'fake-provider': Number(new URL(this.provider.url).port),
      },
      upstream: 'fake',
      stateDir,
      topicPrefix,
      env: { LOG_LEVEL: 'warn', ...options.env },
    });
  }
}
