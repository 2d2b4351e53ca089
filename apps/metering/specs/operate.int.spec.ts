import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { pino } from 'pino';
import { openDatabase } from '../src/database.ts';
import { applyKeyChange, foldBatch, keyChanged, usageBatch, usageRecord } from './given.ts';

const OPERATE = fileURLToPath(new URL('../dist/operate.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tollgate-operate-'));
const topicPrefix = uniqueTopicPrefix('operate');
const EVENT_KEY = Buffer.alloc(32, 1);
let database: TestDatabase;

const connect = () =>
  new KafkaConnection({
    brokers: process.env['KAFKA_BROKERS']!.split(','),
    clientId: 'spec',
    topicPrefix,
    eventKeys: [{ version: 1, key: EVENT_KEY }],
    logger: pino({ level: 'silent' }),
  });

/** The command as an operator runs it. */
const operate = (...args: string[]) => operateIn('UTC', ...args);

function operateIn(zone: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = {
    PATH: process.env['PATH'],
    TZ: zone,
    DATABASE_URL: database.url,
    KAFKA_BROKERS: process.env['KAFKA_BROKERS'],
    TOLLGATE_TOPIC_PREFIX: topicPrefix,
    TOLLGATE_EVENT_KEYS: `1:${EVENT_KEY.toString('hex')}`,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [OPERATE, ...args], { env }, (error, out, err) =>
      resolve({ code: error ? (error.code as unknown as number) : 0, out, err }),
    );
  });
}
const result = async (...args: string[]) => {
  const { code, out, err } = await operate(...args);
  expect([code, err.includes('Error')]).toEqual([0, false]);
  return JSON.parse(out);
};

/** A day that does not end while this runs: it does at 11:00 UTC in the one place, at 15:00 in the other. */
const timezone = new Date().getUTCHours() < 11 ? 'Asia/Tokyo' : 'Pacific/Apia';

beforeAll(async () => {
  database = await createTestDatabase();
  const db = await openDatabase(database.url, pino({ level: 'silent' }));
  await applyKeyChange(
    db,
    keyChanged({ version: 1, limits: { reset_period: 'daily', timezone } }),
    Date.now(),
  );
  const admittedAtMs = Date.now();
  const far = admittedAtMs + 86_400_000;
  const records = [usageRecord({ id: 'a', admittedAtMs }), usageRecord({ id: 'far', admittedAtMs: far })];
  await foldBatch(db, usageBatch(0, 0, records), Date.now());
  await db.destroy();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

it('says what it can do where it is not told, or told something else', async () => {
  for (const args of [[], ['nonsense'], ['toString']]) {
    expect(await operate(...args)).toMatchObject({
      code: 2,
      err: expect.stringContaining('rebuild [--repair]'),
    });
  }
});

it('finds nothing that must not be, and says so by its exit code where it does', async () => {
  expect(await result('check')).toMatchObject({ violated: [] });
});

it('rebuilds, gives credit and releases the quarantine, and says what came of it', async () => {
  expect(await result('rebuild')).toMatchObject({ equal: true, records: 1 });
  const credit = ['credit', '--key', 'key_a', '--cost-usd', '0.01', '--reason', 'spec', '--id', 'once'];
  expect(await result(...credit)).toMatchObject({ applied: true, meter: { cost_usd: '0.00' } });
  expect(await result(...credit)).toMatchObject({ applied: false, meter: { cost_usd: '0.00' } });
  expect(await result('quarantine')).toMatchObject({ total: 1, data: [{ id: 'far', reason: 'ahead' }] });
  expect(await result('release', 'far', '--reason', 'spec')).toMatchObject({ released: ['far'] });
  expect(await result('rebuild')).toMatchObject({ equal: true, records: 3 });
});

it('re-rates by a file of prices, first without and then with corrections', async () => {
  const prices = join(folder, 'prices.json');
  writeFileSync(prices, JSON.stringify({ models: { 'fake-small': { input: '2', output: '2' } } }));
  const args = ['rerate', '--from', new Date(Date.now() - 3_600_000).toISOString(), '--prices', prices];
  expect(await result(...args)).toMatchObject({ corrected: 0, differing: { records: 1, is_usd: '0.00002' } });
  expect(await result(...args, '--apply', '--reason', 'spec')).toMatchObject({ corrected: 1 });
  expect(await result(...args)).toMatchObject({ differing: { records: 0 } });
});

it("sets a provider's export beside the ledger", async () => {
  const csv = join(folder, 'usage.csv');
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(csv, `usage_date_utc,model,token_type,cost_usd\n${day},Fake Small,output,0.00002\n`);
  const report = await result('reconcile', 'anthropic', csv, '--provider', 'fake', '--tolerance', '0.5');
  expect(report).toMatchObject({ provider: 'fake', from: day, compared: 1 });
  const { code, err } = await operate('reconcile', 'openai', csv);
  expect([code, err]).toEqual([1, expect.stringContaining('/v1/organization/usage/completions')]);
});

it('adds the ledger up to the same bytes wherever it runs', async () => {
  const hashes = new Set<string>();
  for (const zone of ['UTC', 'America/New_York', 'Pacific/Apia']) {
    const { out } = await operateIn(zone, 'rebuild');
    const { equal, ledger_sha256 } = JSON.parse(out) as { equal: boolean; ledger_sha256: string };
    expect(equal).toBe(true);
    hashes.add(ledger_sha256);
  }
  expect(hashes.size).toBe(1);
});

it('names the field that is wrong', async () => {
  const answers = [
    await operate('credit', '--key', 'key_a', '--cost-usd=-1', '--reason', 'spec'),
    await operate('credit', '--key', 'key_a', '--cost-usd', '1'),
    await operate('release', '--reason', 'spec'),
    await operate('dead-letters', 'nothing'),
  ];
  expect(answers.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
  expect(answers.map(({ err }) => err)).toEqual([
    expect.stringContaining('cost_usd'),
    expect.stringContaining('reason'),
    expect.stringContaining('ids'),
    expect.stringContaining('name one of keys, usage'),
  ]);
});

it('lists dead letters, shows one, and replays it', async () => {
  const connection = connect();
  await provisionTopics(connection);
  const publisher = new Publisher(connection);
  await publisher.connect();
  const headers = {
    dead_partition: '3',
    dead_offset: '7',
    dead_reason: 'not JSON',
    dead_consumer: 'metering',
  };
  await publisher.publishDead('usage', [{ key: 'key_a', value: 'broken', headers }]);
  await publisher.disconnect();

  expect(await result('dead-letters', 'usage')).toMatchObject([
    { place: '0/0', key: 'key_a', reason: 'not JSON', consumer: 'metering', was_at: '3/7' },
  ]);
  expect(await result('dead-letters', 'usage', '0/0')).toMatchObject([{ value: 'broken' }]);
  expect(await result('replay', 'usage', 'all')).toEqual({ replayed: ['0/0'] });
  const admin = connection.kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(connection.topic('usage'));
  await admin.disconnect();
  expect(offsets.find(({ partition }) => partition === 3)!.high).toBe('1');
});

it('learns of keys what a former release did not keep, from the version that it has applied', async () => {
  const connection = connect();
  await provisionTopics(connection);
  const publisher = new Publisher(connection);
  await publisher.connect();
  const known = { reset_period: 'daily', timezone } as const;
  const changed = keyChanged({
    version: 1,
    limits: { ...known, requests_per_minute: 5, enforcement: 'hard' },
  });
  const { id } = changed.state;
  const time = new Date().toISOString();
  const type = 'tollgate.key.created.v1' as const;
  await publisher.publish([
    toRecord('keys', { id: `${id}/1`, source: '/key-admin', type, time, subject: id, data: changed }),
  ]);
  await publisher.disconnect();

  expect(await result('learn-scopes')).toEqual({ scopes: 1, applied: false });
  expect(await result('learn-scopes', '--apply')).toEqual({ scopes: 1, applied: true });
  expect(await result('learn-scopes', '--apply')).toEqual({ scopes: 0, applied: true });
  const db = await openDatabase(database.url, pino({ level: 'silent' }));
  const rows = await db.query('select version::int, request_limit, is_hard from scopes where scope_id = $1', [
    id,
  ]);
  await db.destroy();
  expect(rows).toEqual([{ version: 1, request_limit: 5, is_hard: true }]);
});

it('moves what a team has used to another deployment, once, and its totals go on there', async () => {
  const file = join(folder, 'team.json');
  const before = database;
  const other = await createTestDatabase();
  try {
    await result('export-team', 'team_a', '--out', file);
    const balances = JSON.parse(readFileSync(file, 'utf8')).balances;
    expect(balances.length).toBeGreaterThan(1);
    database = other;
    expect(await result('import-team', file)).toMatchObject({ balances: balances.length, applied: false });
    expect(await result('import-team', file, '--apply')).toMatchObject({ applied: true });
    const twice = await operate('import-team', file, '--apply');
    expect([twice.code, twice.err]).toEqual([1, expect.stringContaining('imported before')]);
    const again = join(folder, 'again.json');
    await result('export-team', 'team_a', '--out', again);
    expect(JSON.parse(readFileSync(again, 'utf8')).balances).toEqual(balances);
    expect(await result('rebuild')).toMatchObject({ equal: true });
    expect(await result('check')).toMatchObject({ violated: [] });
  } finally {
    database = before;
    await other.drop();
  }
});
