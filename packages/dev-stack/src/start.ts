import { createWriteStream, mkdirSync, type WriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from './child.ts';
import { createDatabases, type DatabaseUrls } from './databases.ts';
import { firstRequest } from './first-request.ts';
import { endStrayBroker, requireBroker, startKafka } from './kafka.ts';
import { requireFreePort } from './ports.ts';
import { endStrayServer, startPostgres } from './postgres.ts';
import { RunRecord } from './run-record.ts';
import { loadSecrets, type Secrets } from './secrets.ts';
import { type ServiceProcess, startService } from './service-process.ts';
import { SERVICE_NAMES, type ServiceName, systemServices } from './services.ts';
import { PORT_VARIABLES, type StartSettings } from './settings.ts';
import { StartFailure } from './start-failure.ts';

/** Shows what is going on; made by the command, which shows its own steps before this module is built. */
export interface Steps {
  /** A line with its tick and time, once `work` is done; `say` tells meanwhile what is waited for. */
  step<T>(title: string, work: (say: (detail: string) => void) => Promise<T>): Promise<T>;
  note(text: string): void;
}

/** Everything of ours that runs, in the order in which it stops. */
const STOP_ORDER = [
  'gateway',
  'key-admin',
  'metering',
  'billing-export',
  'fake-provider',
  'Kafka',
  'Postgres',
] as const;
type Part = (typeof STOP_ORDER)[number];

/**
 * The whole system on this machine.
 *
 * starting ──▶ running ──stop()──▶ stopping ──▶ stopped
 *    └──────────stop()─────────────────┘
 */
export class System {
  readonly #settings: StartSettings;
  readonly #steps: Steps;
  readonly #running = new Map<Part, { child: Child; stop(): Promise<unknown> }>();
  readonly #logs: WriteStream[] = [];
  #record: RunRecord | undefined;
  #stopping: Promise<void> | undefined;
  /** Settles when a part ends that nobody stopped. */
  readonly lost: Promise<StartFailure>;
  #reportLost: (failure: StartFailure) => void = () => {};

  constructor(settings: StartSettings, steps: Steps) {
    this.#settings = settings;
    this.#steps = steps;
    this.lost = new Promise((resolve) => {
      this.#reportLost = resolve;
    });
  }

  /**
   * @returns what to tell the operator: addresses, the admin key, a first request
   * @throws StartFailure; what was started by then is left to `stop`
   */
  async start(): Promise<string> {
    const { stateDir } = this.#settings;
    const { record, ended } = await RunRecord.open(join(stateDir, 'run.json'), 'dev-stack/bin/start.mjs');
    this.#record = record;
    if (ended > 0) this.#steps.note(`Ended ${ended} services that an earlier start had left behind`);
    const secrets = loadSecrets(join(stateDir, 'secrets.json'), this.#settings.env);
    await this.#clearPorts();

    // Each needs nothing of the other, but two progress lines at once would be unreadable.
    const adminUrl = await this.#steps.step('PostgreSQL', (say) => this.#startPostgres(say));
    const brokers = await this.#steps.step('Kafka', (say) => this.#startKafka(say));
    const databases = await this.#steps.step('Databases', () => createDatabases({ adminUrl, ...secrets }));
    this.#tellOperators(databases, brokers, secrets);
    await this.#startServices(secrets, databases, brokers);
    return firstRequest(this.#settings, secrets.adminKey);
  }

  /** For `npx tollgate`, `npm run metering`, `npm run billing`, `npm run keys` and `npm run audit`, which work on a service's database and on the topics. */
  #tellOperators({ metering, billing, keyAdmin }: DatabaseUrls, brokers: string, secrets: Secrets): void {
    const at = (name: ServiceName) => `http://127.0.0.1:${this.#settings.ports[name]}`;
    const files = {
      metering: { DATABASE_URL: metering, KAFKA_BROKERS: brokers, TOLLGATE_EVENT_KEYS: secrets.eventKeys },
      billing: { DATABASE_URL: billing, KAFKA_BROKERS: brokers },
      keys: {
        DATABASE_URL: keyAdmin,
        KAFKA_BROKERS: brokers,
        TOLLGATE_EVENT_KEYS: secrets.eventKeys,
        TOLLGATE_KEY_PEPPERS: secrets.keyPeppers,
      },
      cli: {
        DATABASE_URL: keyAdmin,
        KAFKA_BROKERS: brokers,
        TOLLGATE_URL: at('key-admin'),
        TOLLGATE_GATEWAY_URL: at('gateway'),
        METERING_URL: at('metering'),
        BILLING_URL: at('billing-export'),
        TOLLGATE_ADMIN_KEY: secrets.adminKey,
      },
    };
    for (const [name, variables] of Object.entries(files)) {
      const lines = Object.entries(variables).map(([variable, value]) => `${variable}="${value}"\n`);
      writeFileSync(this.#dir(`${name}.env`), lines.join(''), { mode: 0o600 });
    }
  }

  /** Strays first: they are what most often holds a port. */
  async #clearPorts(): Promise<void> {
    const { databaseUrl, kafkaBrokers, postgresPort, kafkaPort, ports, upstream } = this.#settings;
    if (!databaseUrl) {
      await endStrayServer(this.#dir('postgres'));
      await requireFreePort(postgresPort, 'PostgreSQL', 'TOLLGATE_POSTGRES_PORT');
    }
    if (!kafkaBrokers) {
      await endStrayBroker(this.#dir('kafka'));
      await requireFreePort(kafkaPort, 'Kafka', 'TOLLGATE_KAFKA_PORT');
      await requireFreePort(kafkaPort + 1, "Kafka's controller", 'TOLLGATE_KAFKA_PORT');
    }
    for (const name of SERVICE_NAMES) {
      if (name === 'fake-provider' && upstream === 'configured') continue;
      await requireFreePort(ports[name], `the ${name}`, PORT_VARIABLES[name]);
    }
  }

  async #startPostgres(say: (detail: string) => void): Promise<string> {
    const { databaseUrl, postgresPort } = this.#settings;
    if (databaseUrl) {
      say('yours, at DATABASE_URL');
      return databaseUrl;
    }
    say(`on port ${postgresPort}`);
    const postgres = await startPostgres({
      dataDir: this.#dir('postgres'),
      port: postgresPort,
      log: this.#logTo('postgres'),
    });
    this.#watch('Postgres', postgres);
    return postgres.url;
  }

  async #startKafka(say: (detail: string) => void): Promise<string> {
    const { kafkaBrokers, kafkaPort } = this.#settings;
    if (kafkaBrokers) {
      say('yours, at KAFKA_BROKERS');
      // One that speaks TLS is asked by the services alone.
      if (!this.#settings.env.KAFKA_SSL) await requireBroker(kafkaBrokers);
      return kafkaBrokers;
    }
    const stages = {
      jars: 'looking for its jars, which Maven downloads the first time (about 100 MB)',
      format: 'making its data directory',
      start: `on port ${kafkaPort}`,
    };
    const kafka = await startKafka({
      dataDir: this.#dir('kafka'),
      port: kafkaPort,
      controllerPort: kafkaPort + 1,
      log: this.#logTo('kafka'),
      env: this.#settings.env,
      onStage: (stage) => say(stages[stage]),
    });
    this.#watch('Kafka', kafka);
    return kafka.brokers;
  }

  async #startServices(secrets: Secrets, databases: DatabaseUrls, brokers: string): Promise<void> {
    const options = systemServices({ ...this.#settings, secrets, databases, brokers });
    const { ports } = this.#settings;
    const start = async (name: ServiceName) => {
      const service = await startService({
        ...options[name],
        logFile: join(this.#dir('logs'), `${name}.log`),
        onSpawn: (pid) => this.#record?.add(pid, options[name].entry),
      });
      this.#watch(name, service);
    };
    if (this.#settings.upstream === 'fake') {
      await this.#steps.step('Fake provider', async (say) => {
        await start('fake-provider');
        say(`on port ${ports['fake-provider']}, since OPENAI_API_KEY is not set`);
      });
    } else {
      this.#steps.note('Requests go to the real provider, since its key is set');
    }
    await this.#steps.step('Services', async (say) => {
      const services = ['metering', 'key-admin', 'gateway', 'billing-export'] as const;
      const waiting = new Set<string>(services);
      say(`waiting for ${[...waiting].join(', ')}`);
      await Promise.all(
        services.map(async (name) => {
          await start(name);
          waiting.delete(name);
          say(waiting.size > 0 ? `waiting for ${[...waiting].join(', ')}` : services.join(', '));
        }),
      );
    });
  }

  #watch(part: Part, running: { child: Child; stop(): Promise<unknown> } | ServiceProcess): void {
    const { child } = running;
    this.#running.set(part, { child, stop: () => running.stop() });
    void child.exited.then(({ code, signal }) => {
      if (this.#stopping) return;
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
      this.#reportLost(new StartFailure(`${part} ${how}. Its last lines:\n${child.tail.join('\n')}`));
    });
  }

  /** Stops everything in order: what takes requests first, what others write to last. Safe to call again. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const started = new Set([...this.#running.values()].map(({ child }) => child));
    await Child.stopOthers(started, HALF_STARTED_GRACE_MS);
    for (const part of STOP_ORDER) {
      const running = this.#running.get(part);
      if (running?.child.running) await this.#steps.step(`Stopping ${part}`, () => running.stop());
    }
    for (const log of this.#logs) log.end();
    this.#record?.close();
  }

  #dir(name: string): string {
    return join(this.#settings.stateDir, name);
  }

  #logTo(name: string): (line: string) => void {
    mkdirSync(this.#dir('logs'), { recursive: true });
    const log = createWriteStream(join(this.#dir('logs'), `${name}.log`), { flags: 'a' });
    this.#logs.push(log);
    return (line) => log.write(`${line}\n`);
  }
}

const HALF_STARTED_GRACE_MS = 5_000;
