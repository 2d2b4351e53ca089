import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { LimitEvent } from '@tollgate/contracts/events';
import type { MeterAnswer, MetersAnswer } from '@tollgate/contracts/metering-http';
import { freePort } from '@tollgate/dev-stack/ports';
import { type ServiceProcess, startService } from '@tollgate/dev-stack/service-process';
import { type Batch, KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { CLOCK_PRELOAD_ARGS } from '@tollgate/testing/clock-shift';
import { eventually } from '@tollgate/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { accessDenied, keyChanged, totalsOf, type Usage, usageRecord } from './given.ts';

const TOKEN = randomBytes(32).toString('hex');
const EVENT_KEY = randomBytes(32);
const prefix = uniqueTopicPrefix('metering');
const brokers = process.env['KAFKA_BROKERS'] ?? '';
const connection = new KafkaConnection({
  brokers: brokers.split(','),
  clientId: 'metering-spec',
  topicPrefix: prefix,
  eventKeys: [{ version: 1, key: EVENT_KEY }],
  logger: pino({ level: 'silent' }),
});
const publisher = new Publisher(connection);
const reader = new KafkaBatchServer(connection, publisher, { everyPartition: true, instance: 'spec' });
const meters = new Map<string, LimitEvent>();
const told: string[] = [];

let database: TestDatabase;
let db: DataSource;
let port: number;
let service: ServiceProcess;

/**
 * The service's day ends at the next full hour, by a zone that has midnight then, and its clock starts half an
 * hour before: a broker refuses records from a clock more than an hour ahead of its own.
 */
const HALF_HOUR_MS = 1_800_000;
const END_OF_DAY = Math.ceil(Date.now() / (2 * HALF_HOUR_MS)) * 2 * HALF_HOUR_MS;
const BEFORE_MS = END_OF_DAY - HALF_HOUR_MS - Date.now();
const AFTER_MS = BEFORE_MS + HALF_HOUR_MS;
const zoneWithMidnightAt = (ms: number) => {
  const hour = new Date(ms).getUTCHours();
  // POSIX signs: Etc/GMT+5 is five hours behind UTC.
  return hour <= 12 ? `Etc/GMT+${hour}` : `Etc/GMT-${24 - hour}`;
};

const start = (clockOffsetMs = BEFORE_MS) =>
  startService({
    name: 'metering',
    entry: fileURLToPath(new URL('../dist/main.js', import.meta.url)),
    nodeArgs: CLOCK_PRELOAD_ARGS,
    ipc: true,
    readyUrl: `http://127.0.0.1:${port}/readyz`,
    env: {
      PORT: `${port}`,
      DATABASE_URL: database.url,
      KAFKA_BROKERS: brokers,
      TOLLGATE_TOPIC_PREFIX: prefix,
      TOLLGATE_EVENT_KEYS: `1:${EVENT_KEY.toString('hex')}`,
      TOLLGATE_INTERNAL_TOKEN: TOKEN,
      CLOCK_OFFSET_MS: `${clockOffsetMs}`,
    },
  });

const event = <T>(
  type: 'tollgate.usage.recorded.v1' | 'tollgate.access.denied.v1' | 'tollgate.key.created.v1',
  subject: string,
  data: T,
) => ({
  id: randomBytes(8).toString('hex'),
  source: '/spec',
  type,
  time: new Date().toISOString(),
  subject,
  data,
});
const use = (...usages: Usage[]) =>
  publisher.publish(
    usages.map((u) => {
      const record = usageRecord({ admittedAtMs: Date.now() + BEFORE_MS, ...u });
      return toRecord('usage', event('tollgate.usage.recorded.v1', record.key_id, record));
    }),
  );
const makeKey = (id: string, tokens: number) => {
  const limits = { tokens, reset_period: 'daily', timezone: zoneWithMidnightAt(END_OF_DAY) } as const;
  const data = keyChanged({ id, version: 1, limits });
  return publisher.publish([toRecord('keys', event('tollgate.key.created.v1', id, data))]);
};
async function ask<T>(path: string, token = TOKEN): Promise<{ status: number; body: T }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: (await response.json()) as T };
}

function note({ events }: Batch): Promise<void> {
  for (const {
    event: { type, id, subject, data },
  } of events) {
    if (type === 'tollgate.limit.metered.v1') meters.set(subject, data as LimitEvent);
    else if (type !== 'tollgate.heartbeat.v1') told.push(id);
  }
  return Promise.resolve();
}

beforeAll(async () => {
  database = await createTestDatabase();
  port = await freePort();
  await provisionTopics(connection);
  await publisher.connect();
  reader.addHandler('limits', note as never, true);
  reader.addHandler('limit-events', note as never, true);
  service = await start();
  db = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  await new Promise<void>((resolve, reject) => {
    reader.listen((error) => (error ? reject(error) : resolve()));
  });
});
afterAll(async () => {
  await service?.stop();
  await reader.close();
  await publisher.disconnect();
  await db?.destroy();
  await database?.drop();
});

it('publishes the meter that blocks, tells of the breach once, and answers what it counted', async () => {
  await makeKey('key_spent', 100);
  await eventually(async () => {
    const { body } = await ask<MeterAnswer>('/v1/meters/key_spent');
    expect(body.meter.limit_revision).toBe(1);
  });
  await use({ id: 'spent/1', key: 'key_spent', tokens: 60 }, { id: 'spent/2', key: 'key_spent', tokens: 40 });

  await eventually(() => expect(meters.get('key_spent')).toMatchObject({ blocked: ['tokens'] }));
  await eventually(() => {
    expect(told.filter((id) => id.startsWith('key_spent/') && id.endsWith('/breached'))).toHaveLength(1);
  });
  const { body } = await ask<MetersAnswer>('/v1/meters?ids=key_spent,key_unheard');
  expect(body.data.map(({ meter }) => [meter.tokens, meter.blocked])).toEqual([
    [100, ['tokens']],
    [0, []],
  ]);
});

it('reads past refusals to its next usage, and takes none of them for unreadable', async () => {
  const denied = { ...accessDenied('key_refused'), minute: new Date().toISOString() };
  await publisher.publish([toRecord('usage', event('tollgate.access.denied.v1', 'key_refused', denied))]);
  await use({ id: 'refused/1', key: 'key_refused', tokens: 7 });
  await eventually(async () => {
    const { body } = await ask<MeterAnswer>('/v1/meters/key_refused');
    expect(body.meter.tokens).toBe(7);
  });
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).not.toMatch(/^tollgate_dead_letters_total\{[^}]*\} [1-9]/m);
});

it('answers only to the deployment’s token, and names what is wrong with a question', async () => {
  expect((await ask('/v1/meters/key_spent', 'wrong')).status).toBe(401);
  expect(await ask('/v1/meters?ids=')).toMatchObject({
    status: 422,
    body: { error: { code: 'invalid_field' } },
  });
  const many = Array.from({ length: 201 }, (_, i) => `key_${i}`).join(',');
  expect((await ask(`/v1/meters?ids=${many}`)).status).toBe(422);
});

it('counts every record once though it is killed while it folds, and though all are sent twice', async () => {
  const admittedAtMs = Date.now() + BEFORE_MS;
  const usages = Array.from({ length: 3_000 }, (_, i) => ({
    admittedAtMs,
    id: `kill/${i}`,
    key: `key_${i % 17}`,
    team: 'team_kill',
  }));
  const sent = use(...usages);
  await eventually(async () => expect(await totalsOf(db, 'team_kill')).not.toEqual({}), {
    every_ms: 1,
  });
  await service.kill();
  await sent;
  await use(...usages);
  service = await start();
  await eventually(async () => {
    const [{ waiting }] = await db.query(`SELECT 6004 - sum(next_offset)::int AS waiting FROM usage_offsets`);
    // Who published after all what it had taken for lost has published it twice.
    expect(waiting).toBeLessThanOrEqual(0);
    expect(await totalsOf(db, 'team_kill')).toEqual({ '0/all': '30000000000000 30000 3000' });
  });
});

it('resets once when the period ends, also when it was down at that moment', async () => {
  await service.stop();
  service = await start(AFTER_MS);
  await eventually(() => expect(meters.get('key_spent')).toMatchObject({ blocked: [], used: { tokens: 0 } }));
  const resets = () => told.filter((id) => id.startsWith('key_spent/') && id.endsWith('/reset'));
  await eventually(() => expect(resets()).toHaveLength(1));
  await service.stop();
  service = await start(AFTER_MS);
  // Whatever the restarted service had to tell again has left its outbox once a later meter has arrived.
  await use({ id: 'next day', key: 'key_spent', tokens: 50, admittedAtMs: Date.now() + AFTER_MS });
  await eventually(() => expect(meters.get('key_spent')).toMatchObject({ used: { tokens: 50 } }));
  expect(resets()).toHaveLength(1);
});

it('goes back to where its database is, which was restored from a backup, though its group has read on', async () => {
  await service.stop();
  const partition = publisher.partitionOf('usage', 'key_spent');
  // As a backup of before the first record has it: the group has committed all of them.
  const [{ next_offset }] = await db
    .query('DELETE FROM usage_offsets WHERE partition = $1 RETURNING next_offset', [partition])
    .then(([rows]) => rows);
  service = await start(AFTER_MS);
  // Nothing new comes on the partition, and all that it has is read again.
  await eventually(async () => {
    const rows = await db.query('SELECT next_offset FROM usage_offsets WHERE partition = $1', [partition]);
    expect(rows).toEqual([{ next_offset }]);
  });
});

it('ends with a sentence that says what to do where the topic no longer has what was not counted', async () => {
  await service.stop();
  const partition = publisher.partitionOf('usage', 'key_spent');
  const admin = connection.kafka.admin();
  await admin.connect();
  // Asked first, since the client deletes only of topics that it has heard of.
  await admin.fetchTopicOffsets(connection.topic('usage'));
  await admin.deleteTopicRecords({
    topic: connection.topic('usage'),
    partitions: [{ partition, offset: '-1' }],
  });
  await admin.disconnect();
  await db.query('UPDATE usage_offsets SET next_offset = next_offset - 1 WHERE partition = $1', [partition]);
  await use({ id: 'beyond', key: 'key_spent' });
  // It may have been ready for a moment before the record reached it.
  const lines = await start(AFTER_MS).then(
    (started) => started.exited.then(() => started.tail.join('\n')),
    (failure: Error) => failure.message,
  );
  expect(lines).toContain('the records between were never counted');
});
