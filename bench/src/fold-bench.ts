import { join } from 'node:path';
import { createDatabases } from '@tollgate/dev-stack/databases';
import { freePort } from '@tollgate/dev-stack/ports';
import { startPostgres } from '@tollgate/dev-stack/postgres';
import { generateSecrets } from '@tollgate/dev-stack/secrets';
import { startService } from '@tollgate/dev-stack/service-process';
import { systemServices } from '@tollgate/dev-stack/services';
import { Client } from 'pg';
import { bareFold, eventByEvent } from './bare-fold.ts';
import { cpuOf, PROBE_ARGS, startProfile, stopProfile } from './probed.ts';
import { profileFile } from './profile.ts';
import { progress } from './progress.ts';
import { type Section, shown } from './report.ts';
import { startBroker } from './system/broker.ts';
import { dataFolder } from './system/data-folder.ts';
import { publishUsage } from './system/usage-topic.ts';

export interface FoldOptions {
  readonly records: number;
  /** How many keys the records are spread over, one run after the other. */
  readonly keys: readonly number[];
  readonly profile: boolean;
}

const LOOK_EVERY_MS = 20;
const WITHIN_MS = 300_000;
const BARE_RECORDS = 100_000;
const SINGLE_EVENTS = 2_000;

interface Folded {
  readonly keys: number;
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly ledger: number;
  readonly total: number;
}

/** How fast metering folds what waits on the usage topic, beside the least that SQL must do for it. */
export async function benchFold(options: FoldOptions): Promise<Section> {
  const folder = dataFolder();
  progress('starting PostgreSQL and Kafka');
  const postgres = await startPostgres({
    dataDir: join(folder, 'postgres'),
    port: await freePort(),
    log: () => {},
  });
  const kafka = await startBroker(folder);
  try {
    const runs: Folded[] = [];
    for (const keys of options.keys) {
      runs.push(await foldOnce(postgres.url, kafka.brokers, folder, keys, options));
    }
    progress('the bare SQL loop');
    const bare = await bareFold(postgres.url, BARE_RECORDS);
    progress('event by event');
    const single = await eventByEvent(postgres.url, SINGLE_EVENTS);
    return section(options, runs, bare, single);
  } finally {
    await kafka.stop();
    await postgres.stop();
  }
}

async function foldOnce(
  adminUrl: string,
  brokers: string,
  folder: string,
  keys: number,
  { records, profile }: FoldOptions,
): Promise<Folded> {
  const topicPrefix = await publishUsage(brokers, { records, keys }, (done) =>
    progress(`${shown(keys)} keys: ${shown(done)} of ${shown(records)} records written`),
  );
  const secrets = generateSecrets();
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  for (const name of ['tollgate_metering', 'tollgate_key_admin']) {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
  await admin.end();
  const databases = await createDatabases({ adminUrl, ...secrets });
  const port = await freePort();
  const { metering } = systemServices({
    secrets,
    databases,
    brokers,
    ports: { metering: port, gateway: 0, 'key-admin': 0, 'fake-provider': 0, 'billing-export': 0 },
    upstream: 'fake',
    stateDir: folder,
    topicPrefix,
    env: { LOG_LEVEL: 'warn' },
  });
  progress(`${shown(keys)} keys: folding`);
  const service = await startService({
    ...metering,
    nodeArgs: [...(metering.nodeArgs ?? []), ...PROBE_ARGS],
    ipc: true,
  });
  const db = new Client({ connectionString: databases.metering });
  await db.connect();
  try {
    const child = service.child.process;
    // Of what a repeated send wrote twice, one counts.
    const folded = async () => {
      const { rows } = await db.query(
        `SELECT coalesce(sum(requests), 0)::int AS folded FROM totals WHERE scope_id = 'org_default'`,
      );
      return rows[0].folded as number;
    };
    const first = await until(folded, 1);
    if (profile) await startProfile(child);
    const startMs = performance.now();
    const startCpu = await cpuOf(child);
    await until(folded, records);
    const seconds = (performance.now() - startMs) / 1_000;
    const cpuUs = (await cpuOf(child)) - startCpu;
    if (profile) await stopProfile(child, profileFile(`fold-${keys}`));
    const { rows } = await db.query(`
      SELECT (SELECT count(*)::int FROM usage_ledger) AS ledger,
        (SELECT sum(requests)::int FROM totals WHERE scope_id = 'org_default') AS total`);
    const done = records - first;
    return { keys, perSecond: done / seconds, cpuUs: cpuUs / done, ...rows[0] };
  } finally {
    await db.end();
    await service.stop();
  }
}

async function until(read: () => Promise<number>, least: number): Promise<number> {
  const deadlineMs = performance.now() + WITHIN_MS;
  for (;;) {
    const value = await read();
    if (value >= least) return value;
    if (performance.now() > deadlineMs)
      throw new Error(`only ${value} of ${least} records were folded in time`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function section(options: FoldOptions, runs: readonly Folded[], bare: number, single: number): Section {
  const slowest = Math.min(...runs.map(({ perSecond }) => perSecond));
  return {
    title: 'Fold',
    notes: [
      `${shown(options.records)} records wait on the topic before metering starts; timed from its first commit to its last. PostgreSQL is durable (fsync on).`,
      `The bare SQL loop inserts ${shown(BARE_RECORDS)} rows of five columns by 1 000, adds them to their keys' totals and moves an offset in one transaction: no Kafka, no ledger of thirty columns, no events.`,
      `Event by event: ${shown(SINGLE_EVENTS)} transactions of TypeORM, each a row saved and a total raised.`,
    ],
    tables: [
      {
        caption: 'Records folded, end to end through Kafka',
        header: [
          'keys',
          'records/s',
          'CPU µs/record of metering',
          '× bare SQL loop',
          '× event by event',
          'ledger',
          'organization’s total',
        ],
        rows: runs.map(({ keys, perSecond, cpuUs, ledger, total }) => [
          shown(keys),
          shown(perSecond),
          shown(cpuUs, 1),
          shown(perSecond / bare, 2),
          shown(perSecond / single, 1),
          shown(ledger),
          shown(total),
        ]),
      },
      {
        caption: 'For comparison',
        header: ['', 'records/s'],
        rows: [
          ['bare SQL loop', shown(bare)],
          ['event by event', shown(single)],
        ],
      },
    ],
    verdicts: [
      {
        what: 'fold, end to end',
        measured: slowest,
        unit: ' records/s',
        least: 20_000,
        stretch: 40_000,
        better: 'higher',
      },
      {
        what: 'fold vs event by event',
        measured: slowest / single,
        unit: '×',
        least: 50,
        stretch: 100,
        better: 'higher',
      },
    ],
  };
}
