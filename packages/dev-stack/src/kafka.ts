import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countBrokers } from './broker-probe.ts';
import { Child, type Exit, runToEnd } from './child.ts';
import { findJava, resolveJars } from './kafka-jars.ts';
import { endStray } from './process-table.ts';
import { StartFailure } from './start-failure.ts';
import { until } from './until.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const STARTS_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 10_000;
/** C1 only and the serial collector: a broker for one developer starts twice as fast and stays small. */
const JVM = [
  '-Xms128m',
  '-Xmx384m',
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Djava.awt.headless=true',
];

export interface KafkaOptions {
  /** Formatted on the first start, kept after. */
  readonly dataDir: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly log: (line: string) => void;
  /** Told when it moves on, since the first start may download for minutes. */
  readonly onStage?: (stage: 'jars' | 'format' | 'start') => void;
  /** Where Java and Maven are looked for; the process's own unless said. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where the jars are kept for the next time; `.tollgate/kafka-jars` unless said. */
  readonly jarsDir?: string;
  /** What clients are told to connect to, `host:port`; differs from the port behind a fault proxy. */
  readonly advertised?: string;
  /** Has effect on a data directory that is made; its user is kept there. */
  readonly secure?: SecureListener;
}

/** A listener with TLS and SASL (SCRAM-SHA-512) beside the plain one. */
export interface SecureListener {
  readonly port: number;
  /** PKCS12, with the key and certificate of 127.0.0.1. */
  readonly keystore: string;
  readonly keystorePassword: string;
  readonly username: string;
  readonly password: string;
}

export interface RunningKafka {
  /** `host:port`, as KAFKA_BROKERS wants it. */
  readonly brokers: string;
  readonly pid: number;
  readonly child: Child;
  /** SIGTERM, and SIGKILL after 10 s. Start again on the same directory and ports to go on. */
  stop(): Promise<Exit>;
  /** kill -9 */
  kill(): Promise<Exit>;
}

/** One process that is broker and controller; replication of one, and no topic that nobody provisioned. */
function serverProperties({ dataDir, port, controllerPort, advertised, secure }: KafkaOptions): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${advertised ?? `127.0.0.1:${port}`}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(dataDir, 'data'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // A killed broker is let back in when its old session ends: 9 s unless said.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    // The standard 128 MiB would be a third of the heap.
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  };
  return Object.entries({ ...settings, ...(secure && secureSettings(settings, secure)) })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function secureSettings(
  plain: Readonly<Record<string, unknown>>,
  { port, keystore, keystorePassword }: SecureListener,
) {
  const listener = `SASL_SSL://127.0.0.1:${port}`;
  const login = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return {
    listeners: `${plain['listeners']},${listener}`,
    'advertised.listeners': `${plain['advertised.listeners']},${listener}`,
    'listener.security.protocol.map': `${plain['listener.security.protocol.map']},SASL_SSL:SASL_SSL`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': login,
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': keystore,
    'ssl.keystore.password': keystorePassword,
  };
}

/**
 * Starts a Kafka broker (KRaft, no containers) on 127.0.0.1.
 * @throws StartFailure where Java or Maven is missing, or it does not answer within 60 s, with its last lines
 */
export async function startKafka(given: KafkaOptions): Promise<RunningKafka> {
  const options = { ...given, dataDir: resolve(given.dataDir) };
  const { dataDir, log, env = process.env } = options;
  const tools = { env, log };
  const java = await findJava(tools);
  options.onStage?.('jars');
  const pom = join(repository, 'infra/kafka/pom.xml');
  const jarsDir = options.jarsDir ?? join(repository, '.tollgate/kafka-jars');
  const classPath = await resolveJars(pom, jarsDir, tools);

  mkdirSync(dataDir, { recursive: true });
  await endStrayBroker(dataDir);
  const properties = join(dataDir, 'server.properties');
  writeFileSync(properties, serverProperties(options));
  if (!existsSync(join(dataDir, 'data'))) {
    options.onStage?.('format');
    await format(options, [java, ...JVM, '-cp', classPath], env);
  }

  options.onStage?.('start');
  const child = await Child.start({
    name: 'Kafka',
    command: java,
    args: [...JVM, '-cp', classPath, 'kafka.Kafka', properties],
    cwd: dataDir,
    env,
    onLine: log,
  });
  writeFileSync(pidFile(dataDir), String(child.pid));
  void child.exited.then(() => rmSync(pidFile(dataDir), { force: true }));

  const brokers = `127.0.0.1:${options.port}`;
  const failed = (why: string) =>
    new StartFailure(`Kafka on port ${options.port} ${why}:\n${child.tail.join('\n')}`);
  try {
    await until(
      async () => {
        if (!child.running) throw failed('ended while starting');
        return (await countBrokers(brokers, 2_000)) > 0 ? true : undefined;
      },
      {
        withinMs: STARTS_WITHIN_MS,
        stopOn: StartFailure,
        onTimeout: () => failed(`did not answer within ${STARTS_WITHIN_MS / 1000} s`),
      },
    );
  } catch (error) {
    await child.kill();
    throw error;
  }
  return {
    brokers,
    pid: child.pid,
    child,
    stop: () => child.stop('SIGTERM', STOPS_WITHIN_MS),
    kill: () => child.kill(),
  };
}

/** Writes the cluster's identity into a new data directory, which appears only when it is complete. */
async function format(
  options: KafkaOptions,
  [java, ...jvm]: string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { dataDir, secure } = options;
  const made = join(dataDir, 'data.new');
  rmSync(made, { recursive: true, force: true });
  const properties = join(dataDir, 'format.properties');
  writeFileSync(properties, serverProperties(options).replace(join(dataDir, 'data'), made));
  const clusterId = randomBytes(16).toString('base64url');
  const { code, output } = await runToEnd({
    name: 'Kafka format',
    command: java as string,
    // One word with its option: an id may begin with a hyphen.
    args: [
      ...jvm,
      ...['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '-c', properties],
      ...(secure ? ['--add-scram', userOf(secure)] : []),
    ],
    env,
    onLine: options.log,
  });
  if (code !== 0) throw new StartFailure(`Kafka could not make its data directory ${dataDir}:\n${output}`);
  renameSync(made, join(dataDir, 'data'));
  rmSync(properties);
}

const userOf = ({ username, password }: SecureListener) =>
  `SCRAM-SHA-512=[name=${username},password=${password}]`;

const pidFile = (dataDir: string) => join(dataDir, 'broker.pid');

/** A broker that a killed run of ours left behind holds the data: it is ended, since nobody uses it any more. */
export async function endStrayBroker(dataDir: string): Promise<void> {
  if (!existsSync(pidFile(dataDir))) return;
  const pid = Number(readFileSync(pidFile(dataDir), 'utf8'));
  await endStray(pid, join(dataDir, 'server.properties'), 'SIGTERM', STOPS_WITHIN_MS);
  rmSync(pidFile(dataDir), { force: true });
}

/**
 * Checks that a broker of someone else's answers.
 * @param brokers `host:port,host:port`; one of them is enough
 * @throws StartFailure naming what each of them said
 */
export async function requireBroker(brokers: string, withinMs = 10_000): Promise<void> {
  const addresses = brokers.split(',').map((address) => address.trim());
  const attempt = async (address: string) => {
    const count = await countBrokers(address, 3_000);
    if (count === 0) throw new Error('its cluster is still starting');
    return true as const;
  };
  await until(() => Promise.any(addresses.map(attempt)), {
    withinMs,
    everyMs: 250,
    onTimeout: (last) => {
      const reasons = (last as AggregateError).errors.map(
        (error: Error, index: number) =>
          `${addresses[index]}: ${error.message || (error as NodeJS.ErrnoException).code}`,
      );
      return new StartFailure(
        `No Kafka broker answers at KAFKA_BROKERS=${brokers} (${reasons.join('; ')}): ` +
          'start it or correct the variable, or unset it to have a broker started here.',
      );
    },
  });
}
