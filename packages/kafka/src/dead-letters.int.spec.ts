import 'reflect-metadata';
import { createLogger } from '@tollgate/service-kit/log';
import { eventually } from '@tollgate/testing/eventually';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { type Batch, KafkaBatchServer } from './batch-server.ts';
import { toRecord } from './cloud-event.ts';
import { KafkaConnection } from './connection.ts';
import { readDeadLetters, replayDeadLetters } from './dead-letters.ts';
import { provisionTopics } from './provision.ts';
import { Publisher } from './publisher.ts';

const OLD = { version: 1, key: Buffer.alloc(32, 1) };
const NEW = { version: 2, key: Buffer.alloc(32, 2) };
const topicPrefix = uniqueTopicPrefix('dead');
const connect = (clientId: string, eventKeys: (typeof OLD)[]) =>
  new KafkaConnection({
    brokers: process.env['KAFKA_BROKERS']!.split(','),
    clientId,
    topicPrefix,
    eventKeys,
    logger: createLogger('spec', 'silent'),
  });

const writing = connect('writer', [NEW]);
const publisher = new Publisher(writing);
const open: KafkaBatchServer[] = [];

/** A consumer of `limits` with these keys, and the ids of what it could read. */
async function consume(clientId: string, eventKeys: (typeof OLD)[]) {
  const server = new KafkaBatchServer(connect(clientId, eventKeys), publisher, {
    everyPartition: true,
    instance: clientId,
  });
  open.push(server);
  const ids: string[] = [];
  server.addHandler(
    'limits',
    (async ({ events }: Batch) => {
      ids.push(...events.map(({ event }) => event.id));
    }) as never,
    true,
  );
  await new Promise<void>((resolve, reject) => {
    void server.listen((error) => (error ? reject(error) : resolve()));
  });
  await server.caughtUp;
  return ids;
}

const heartbeat = (id: string) =>
  toRecord('limits', {
    id,
    source: '/spec',
    type: 'tollgate.heartbeat.v1',
    time: '2026-11-23T12:00:00.000Z',
    subject: id,
    data: {},
  });

/** How many records were ever written to `limits`. */
async function written(): Promise<number> {
  const admin = writing.kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(writing.topic('limits'));
  await admin.disconnect();
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}

beforeAll(async () => {
  await provisionTopics(writing);
  await publisher.connect();
});
afterAll(async () => {
  for (const server of open) await server.close();
  await publisher.disconnect();
});

it('nobody has died at first', async () => {
  expect(await readDeadLetters(writing, 'limits', 10)).toEqual([]);
});

it('the dead tell what they were and of what they died, and live again when what killed them is gone', async () => {
  await publisher.publish([heartbeat('a'), heartbeat('b'), heartbeat('c')]);
  expect(await consume('behind', [OLD])).toEqual([]);

  const letters = await readDeadLetters(writing, 'limits', 10);
  // Whoever publishes may write a record twice; that is two records, and two letters.
  expect([...new Set(letters.map(({ key }) => String(key)))].sort()).toEqual(['a', 'b', 'c']);
  const letter = letters.find(({ key }) => String(key) === 'a')!;
  expect(letter).toMatchObject({
    consumer: 'behind',
    partition: publisher.partitionOf('limits', 'a'),
    offset: '0',
    reason: expect.stringContaining('signature'),
  });
  expect(String(letter.value)).toBe('{}');
  expect(String(letter.headers['ce_id'])).toBe('a');
  expect(letter.headers).not.toHaveProperty('dead_reason');

  // One that has the key now reads on from there.
  const ids = await consume('ahead', [NEW, OLD]);
  const times = (id: string) => ids.filter((one) => one === id).length;
  expect([...new Set(ids)].sort()).toEqual(['a', 'b', 'c']);
  const before = { a: times('a'), written: await written() };
  await replayDeadLetters(writing, 'limits', [letter]);
  await eventually(() => expect(times('a')).toBeGreaterThan(before.a));
  expect(await written()).toBe(before.written + 1);
});

it('a record that two could not read is one dead letter', async () => {
  expect(await consume('behind too', [OLD])).toEqual([]);
  const places = (await readDeadLetters(writing, 'limits', 100)).map(
    ({ partition, offset }) => `${partition}/${offset}`,
  );
  expect(new Set(places).size).toBe(places.length);
  expect(places).toHaveLength(await written());
});

it('only the newest are read where more have died than are wanted', async () => {
  const all = await readDeadLetters(writing, 'limits', 100);
  const newest = await readDeadLetters(writing, 'limits', 1);
  const offset = ({ place }: { place: string }) => Number(place.split('/')[1]);
  expect(newest).toHaveLength(1);
  expect(offset(newest[0]!)).toBeGreaterThanOrEqual(Math.max(...all.map(offset)));
});
