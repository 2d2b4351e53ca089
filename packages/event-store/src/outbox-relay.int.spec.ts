import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { createLogger } from '@tollgate/service-kit/log';
import { createDataSource } from '@tollgate/service-kit/postgres';
import { eventually } from '@tollgate/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import type { DataSource, EntityManager } from 'typeorm';
import { createOutboxSql, enqueue } from './outbox.ts';
import { OutboxRelay, type RelaySettings, type RelayState } from './outbox-relay.ts';

const logger = createLogger('spec', 'silent');
const connection = new KafkaConnection({
  brokers: (process.env['KAFKA_BROKERS'] ?? '').split(','),
  clientId: 'relay-spec',
  topicPrefix: uniqueTopicPrefix('relay'),
  eventKeys: [{ version: 1, key: Buffer.alloc(32, 1) }],
  logger,
});
const publisher = new Publisher(connection);
const reader = new KafkaBatchServer(connection, publisher, { everyPartition: true, instance: 'relay-spec' });
/** What arrived on the topic: the ids of each key in order, and how many heartbeats each partition had. */
const arrived = new Map<string, string[]>();
const beats = new Map<number, number>();

let database: TestDatabase;
let db: DataSource;
let running: OutboxRelay[] = [];

const dataSource = (applicationName: string) =>
  createDataSource({ url: database.url, applicationName, migrations: [], logger });

beforeAll(async () => {
  database = await createTestDatabase();
  db = dataSource('spec');
  await db.initialize();
  await db.query(createOutboxSql);
  await db.query('create table aggregate (id text primary key, version int not null)');
  await provisionTopics(connection);
  await publisher.connect();
  reader.addHandler(
    'gateways',
    async (batch) => {
      for (const { key, event } of batch.events) {
        if (event.type === 'tollgate.heartbeat.v1') {
          beats.set(batch.partition, (beats.get(batch.partition) ?? 0) + 1);
          expect(key).toBe(`~hb/${batch.partition}`);
        } else arrived.set(key, [...(arrived.get(key) ?? []), event.id]);
      }
    },
    true,
  );
  // A partition that was made a moment ago may not have its leader yet.
  await eventually(() =>
    reader.listen((error) => {
      if (error) throw error;
    }),
  );
});
afterEach(async () => {
  await Promise.all(running.map((relay) => relay.stop()));
  running = [];
});
afterAll(async () => {
  await reader.close();
  await publisher.disconnect();
  await db.destroy();
  await database.drop();
});

const record = (key: string, version: number) =>
  toRecord('gateways', {
    id: `${key}/${version}`,
    source: '/spec',
    type: 'tollgate.gateway.reported.v1',
    time: '2026-11-23T10:00:00.000Z',
    subject: key,
    data: {
      instance: key,
      started_at: '2026-11-23T10:00:00.000Z',
      leaving: false,
      applied: { keys: {}, limits: {} },
      windows: { 'quoted "\\ ünï': version },
    },
  });

/** What a use case does: lock the aggregate, raise its version, queue the record, all or nothing. */
async function change(em: EntityManager, key: string): Promise<number> {
  await em.query('insert into aggregate values ($1, 0) on conflict do nothing', [key]);
  const [[{ version }]] = await em.query(
    'update aggregate set version = version + 1 where id = $1 returning version',
    [key],
  );
  await enqueue(em, [record(key, version)]);
  return version;
}

function startRelay(settings: Partial<RelaySettings> = {}): OutboxRelay {
  const relay = new OutboxRelay({ dataSource: db, publisher, logger, ...settings });
  relay.start();
  running.push(relay);
  return relay;
}

const queued = async (): Promise<number> => (await db.query('select count(*)::int as n from outbox'))[0].n;
const versions = (key: string) => arrived.get(key)?.map((id) => Number(id.split('/')[1])) ?? [];
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
/** A key's versions without what was published again: at least once, never out of order. */
const firsts = (key: string) => [...new Set(versions(key))];

it('publishes what commits, in order, once, and nothing of what rolls back', async () => {
  await expect(
    db.transaction(async (em) => {
      await change(em, 'rolled-back');
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  startRelay();
  for (const _ of upTo(20)) await db.transaction((em) => change(em, 'plain'));
  await eventually(() => expect(firsts('plain')).toEqual(upTo(20)));
  await eventually(async () => expect(await queued()).toBe(0));
  expect(versions('rolled-back')).toEqual([]);
});

it('reports each row once, with its position, in the transaction that deletes it', async () => {
  await db.query('create table reported (id text primary key, partition int, "offset" bigint)');
  startRelay({
    onPublished: async (em, published) => {
      for (const {
        record: { headers },
        position,
      } of published) {
        const values = [headers['ce_id'], position.partition, position.offset];
        await em.query('insert into reported values ($1, $2, $3)', values);
      }
    },
  });
  for (const _ of upTo(5)) await db.transaction((em) => change(em, 'reported'));
  await eventually(async () => expect(await queued()).toBe(0));
  const rows = await db.query('select * from reported order by "offset"');
  expect(rows.map(({ id }: { id: string }) => id)).toEqual(upTo(5).map((n) => `reported/${n}`));
  const partition = publisher.partitionOf('gateways', 'reported');
  expect(rows.every((row: { partition: number }) => row.partition === partition)).toBe(true);
});

it('skips no row and keeps each key in order under concurrent writers, early positions that commit late included', async () => {
  startRelay();
  const late = db.createQueryRunner();
  await late.connect();
  await late.startTransaction();
  await late.query('set local idle_in_transaction_session_timeout = 0');
  await change(late.manager, 'late');
  const KEYS = upTo(8).map((n) => `busy-${n}`);
  const EACH = 40;
  const writes = KEYS.flatMap((key) => upTo(EACH).map(() => db.transaction((em) => change(em, key))));
  // Waits for the lock of the transaction that is still open, so that it must come second.
  const second = db.transaction((em) => change(em, 'late'));
  await Promise.all(writes);
  for (const key of KEYS) await eventually(() => expect(firsts(key)).toEqual(upTo(EACH)));
  expect(versions('late')).toEqual([]);
  await late.commitTransaction();
  await late.release();
  await second;
  await eventually(() => expect(firsts('late')).toEqual([1, 2]));
  // A row is deleted after the broker has it, so a reader may be ahead of the outbox.
  await eventually(async () => expect(await queued()).toBe(0));
});

it('has one leader on a database, and another takes over when the leader’s connection is ended', async () => {
  const [a, b] = ['relay-a', 'relay-b'].map(dataSource);
  await a!.initialize();
  await b!.initialize();
  try {
    const states: RelayState[] = [];
    const first = startRelay({ dataSource: a!, onState: (state) => void states.push(state) });
    await eventually(() => expect(first.state).toBe('leading'));
    const second = startRelay({ dataSource: b! });
    await eventually(() => expect(second.state).toBe('following'));

    const write = (n: number) => Promise.all(upTo(n).map(() => db.transaction((em) => change(em, 'handed'))));
    await write(30);
    const ended = await db.query(
      `select pg_terminate_backend(pid) as done from pg_stat_activity where application_name like 'relay-a%'`,
    );
    expect(ended.length).toBeGreaterThanOrEqual(1);
    await write(30);
    await eventually(() =>
      expect(states.slice(0, 4)).toEqual(['connecting', 'following', 'leading', 'connecting']),
    );
    // Whoever was first to ask again leads; there is one, and the rows of before and after have left in order.
    await eventually(() => {
      expect([first.state, second.state].sort()).toEqual(['following', 'leading']);
    });
    await eventually(() => expect(firsts('handed')).toEqual(upTo(60)));
    await eventually(async () => expect(await queued()).toBe(0));
  } finally {
    await Promise.all(running.map((relay) => relay.stop()));
    await a!.destroy();
    await b!.destroy();
  }
});

it('tells of records that another relay had published meanwhile, and does not report them as its own', async () => {
  const overtaken: string[] = [];
  const reported: string[] = [];
  // The other relay: it has published and deleted the row while this one's publish was under way.
  const slow = Object.create(publisher) as Publisher;
  slow.publish = async (records) => {
    const positions = await publisher.publish(records);
    await db.query('delete from outbox');
    return positions;
  };
  const relay = startRelay({
    publisher: slow,
    onPublished: async (_, published) => {
      reported.push(...published.map(({ record: { key } }) => key));
    },
    onOvertaken: async (_, records) => {
      overtaken.push(...records.map(({ key }) => key));
    },
  });
  await eventually(() => expect(relay.state).toBe('leading'));
  await db.transaction((em) => change(em, 'overtaken'));
  await eventually(() => expect(overtaken).toEqual(['overtaken']));
  expect(reported).toEqual([]);
});

it('beats on every partition each second, from the leader alone', async () => {
  const before = new Map(beats);
  startRelay({ heartbeatTopic: 'gateways' });
  startRelay({ heartbeatTopic: 'gateways' });
  const since = performance.now();
  const grown = (partition: number) => (beats.get(partition) ?? 0) - (before.get(partition) ?? 0);
  const partitions = upTo(publisher.partitionCount('gateways')).map((n) => n - 1);
  await eventually(() => expect(partitions.every((p) => grown(p) >= 3)).toBe(true));
  const tookSeconds = (performance.now() - since) / 1_000;
  expect(tookSeconds).toBeGreaterThan(1.8);
  expect(Math.max(...partitions.map(grown))).toBeLessThanOrEqual(tookSeconds + 2);
});
