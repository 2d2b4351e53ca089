import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireBroker, startKafka } from './kafka.ts';
import { freePort } from './ports.ts';
import { startPostgres } from './postgres.ts';

/** Data that lives for one run: nothing of it needs to survive a power cut. */
const FORGETFUL = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
};

const INTERRUPTED = 130;

export interface TestParts {
  /** Of a superuser, unless the environment named another server. */
  readonly databaseUrl: string;
  readonly brokers: string;
  stop(): Promise<void>;
}

/**
 * One PostgreSQL and one Kafka for a run of tests, on free ports and in a temporary folder; a server that the
 * environment names (DATABASE_URL, KAFKA_BROKERS) is used in its place.
 * @throws StartFailure where one cannot be started or does not answer
 */
export async function startTestParts(env: NodeJS.ProcessEnv): Promise<TestParts> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-'));
  const stops: (() => Promise<unknown>)[] = [];
  const forget = () => rmSync(folder, { recursive: true, force: true });
  // Jest ends at once on a signal: leaving through `exit` kills the parts, and then their data can go.
  const leave = () => process.exit(INTERRUPTED);
  process.once('SIGINT', leave).once('SIGTERM', leave).once('exit', forget);
  const stop = async () => {
    await Promise.all(stops.map((stopPart) => stopPart()));
    forget();
    process.off('SIGINT', leave).off('SIGTERM', leave).off('exit', forget);
  };
  const postgres = async () => {
    if (env.DATABASE_URL) return env.DATABASE_URL;
    const dataDir = join(folder, 'postgres');
    const started = await startPostgres({
      dataDir,
      port: await freePort(),
      log: () => {},
      settings: FORGETFUL,
    });
    stops.push(() => started.stop());
    return started.url;
  };
  const kafka = async () => {
    if (env.KAFKA_BROKERS) {
      await requireBroker(env.KAFKA_BROKERS);
      return env.KAFKA_BROKERS;
    }
    const started = await startKafka({
      dataDir: join(folder, 'kafka'),
      port: await freePort(),
      controllerPort: await freePort(),
      log: () => {},
      env,
    });
    stops.push(() => started.stop());
    return started.brokers;
  };
  const [database, brokers] = await Promise.allSettled([postgres(), kafka()]);
  if (database.status === 'rejected' || brokers.status === 'rejected') {
    await stop();
    throw [database, brokers].find((part) => part.status === 'rejected')?.reason;
  }
  return { databaseUrl: database.value, brokers: brokers.value, stop };
}
