import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { CloudEvent, UsageRecorded } from '@tollgate/contracts/events';
import { startKafka } from '@tollgate/dev-stack/kafka';
import { freePort } from '@tollgate/dev-stack/ports';
import { createLogger } from '@tollgate/service-kit/log';
import { eventually } from '@tollgate/testing/eventually';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { type Audience, type Batch, EVERY_PARTITION, IN_GROUP, KafkaBatchServer } from './batch-server.ts';
import { toRecord } from './cloud-event.ts';
import { KafkaConnection } from './connection.ts';
import { provisionTopics } from './provision.ts';
import { Publisher } from './publisher.ts';

const eventKeys = [{ version: 1, key: Buffer.alloc(32, 7) }];
const logger = createLogger('kafka-spec', 'silent');

function connect(brokers = process.env['KAFKA_BROKERS']!) {
  return new KafkaConnection({
    brokers: brokers.split(','),
    clientId: 'spec',
    topicPrefix: uniqueTopicPrefix('kafka'),
    eventKeys,
    logger,
  });
}

const usage = (id: string, keyId: string): CloudEvent<UsageRecorded> => ({
  id,
  source: '/gateway/spec',
  type: 'tollgate.usage.recorded.v1',
  time: '2026-11-23T12:00:00.000Z',
  subject: keyId,
  data: {
    id,
    key_id: keyId,
    team_id: 'team_default',
    gateway: 'spec',
    sequence: 1,
    endpoint: '/v1/chat/completions',
    provider: 'openai',
    model: 'm',
    upstream_model: 'm',
    status: 'succeeded',
    http_status: 200,
    streamed: false,
    admitted_at: '2026-11-23T12:00:00.000Z',
    settled_at: '2026-11-23T12:00:01.000Z',
    client_ip: null,
    generations: { key: 0, team: 0, organization: 0 },
    tokens: { input: 1, cached_input: 0, cache_write: 0, output: 1, reasoning: 0, total: 2 },
    quality: 'exact',
    cost_usd: '0.10',
    price_version: 'v1',
    latency_ms: 5,
    first_token_ms: null,
    metadata: {},
  },
});
const records = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => toRecord('usage', usage(`r${from + n}`, `key_${n % 40}`)));

/** A Nest microservice on the transport, collecting what its handler is given. */
async function consume(
  connection: KafkaConnection,
  publisher: Publisher,
  audience: Audience,
  onBatch: (batch: Batch) => void = () => undefined,
) {
  const batches: Batch[] = [];
  @Controller()
  class Collector {
    @EventPattern('usage')
    usage(@Payload() batch: Batch) {
      onBatch(batch);
      batches.push(batch);
    }
  }
  @Module({ controllers: [Collector] })
  class CollectorModule {}
  const strategy = new KafkaBatchServer(connection, publisher, audience);
  const app: INestMicroservice = await NestFactory.createMicroservice(CollectorModule, {
    strategy,
    logger: false,
  });
  await app.listen();
  const ids = () => batches.flatMap(({ events }) => events.map(({ event }) => event.id));
  return { batches, ids, strategy, close: () => app.close() };
}

async function publisherOn(connection: KafkaConnection) {
  await provisionTopics(connection);
  const publisher = new Publisher(connection);
  await publisher.connect();
  return publisher;
}

const sorted = (ids: Iterable<string>) => [...new Set(ids)].sort();

describe('records on a real broker', () => {
  const connection = connect();
  let publisher: Publisher;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    publisher = await publisherOn(connection);
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  afterAll(() => publisher.disconnect());

  it('are published in order and arrive where the publisher says', async () => {
    const positions = await publisher.publish(records(500));
    const reader = await consume(connection, publisher, { everyPartition: true, instance: 'order' });
    closing.push(reader.close);
    await reader.strategy.caughtUp;
    const found = new Map(
      reader.batches.flatMap(({ partition, events }) =>
        events.map(({ event, offset }) => [event.id, { partition, offset }] as const),
      ),
    );
    expect(records(500).map(({ headers }) => found.get(headers['ce_id']!))).toEqual(positions);
    for (const [n, { partition }] of positions.entries())
      expect(partition).toBe(positions[n % 40]!.partition);
  });

  it('are read from a while ago only, where a reader wants no more of a topic', async () => {
    const own = connect();
    const writer = await publisherOn(own);
    closing.push(() => writer.disconnect());
    await writer.publish(records(200));
    const old = await consume(own, writer, { everyPartition: true, instance: 'all' });
    closing.push(old.close);
    await old.strategy.caughtUp;
    const stamps = old.batches.flatMap(({ events }) => events.map(({ timestampMs }) => timestampMs));
    const apartMs = 12_000;
    await eventually(() => expect(Date.now()).toBeGreaterThan(Math.max(...stamps) + apartMs), {
      within_ms: 60_000,
    });
    const sinceMs = Date.now();
    await writer.publish(records(50, 200));
    // Reaches back before the new records by less than they are apart from the old ones, for starting takes time too.
    const recentMs = { usage: Date.now() - sinceMs + apartMs - 1 };
    const recent = await consume(own, writer, { everyPartition: true, instance: 'recent', recentMs });
    closing.push(recent.close);
    await recent.strategy.caughtUp;
    await writer.publish(records(50, 250));
    const wanted = sorted(records(100, 200).map(({ headers }) => headers['ce_id']!));
    await eventually(() => expect(sorted(recent.ids())).toEqual(wanted));
    // The other reader is on its own way to the end.
    await eventually(() => expect(sorted(old.ids())).toHaveLength(300));
  });

  it('are not read again by a reader of every partition that lost its place in its group', async () => {
    const own = connect();
    const writer = await publisherOn(own);
    const admin = own.kafka.admin();
    await admin.connect();
    closing.push(
      () => admin.disconnect(),
      () => writer.disconnect(),
    );
    await writer.publish(records(300));
    const reader = await consume(own, writer, { everyPartition: true, instance: 'rejoins' });
    closing.push(reader.close);
    await reader.strategy.caughtUp;
    const { groups } = await admin.listGroups();
    const group = groups.find(({ groupId }) => groupId.startsWith(own.group('rejoins')))!.groupId;
    // Another member makes the group rebalance, and leaves again.
    const intruder = own.kafka.consumer({ groupId: group, rebalanceTimeout: 10_000 });
    await intruder.connect();
    await intruder.subscribe({ topics: [own.topic('usage')] });
    const joined = new Promise((resolve) => intruder.on('consumer.group_join', resolve));
    await intruder.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
    await joined;
    await intruder.disconnect();
    await writer.publish(records(100, 300));
    await eventually(() => expect(sorted(reader.ids())).toHaveLength(400));
    const places = reader.batches.flatMap(({ partition, events }) =>
      events.map(({ offset }) => `${partition}/${offset}`),
    );
    expect(new Set(places).size).toBe(places.length);
  }, 90_000);

  it('go to the server that their handler names, in a service that has one of each kind', async () => {
    @Controller()
    class Both {
      @EventPattern('usage', IN_GROUP)
      shared(@Payload() _: Batch) {}
      @EventPattern('gateways', EVERY_PARTITION)
      alone(@Payload() _: Batch) {}
      @EventPattern('limits')
      either(@Payload() _: Batch) {}
    }
    @Module({ controllers: [Both] })
    class BothModule {}
    const audiences: Audience[] = [{ group: 'named' }, { everyPartition: true, instance: 'named' }];
    const handled: string[][] = [];
    for (const audience of audiences) {
      const strategy = new KafkaBatchServer(connection, publisher, audience);
      const app = await NestFactory.createMicroservice(BothModule, { strategy, logger: false });
      closing.push(() => app.close());
      await app.listen();
      handled.push([...strategy.getHandlers().keys()].sort());
    }
    expect(handled).toEqual([
      ['limits', 'usage'],
      ['gateways', 'limits'],
    ]);
  });

  it('are provisioned once, however often services start', async () => {
    await Promise.all([provisionTopics(connection), provisionTopics(connection)]);
    await provisionTopics(connection);
    expect(publisher.partitionCount('usage')).toBe(12);
  });

  it('are handed over again until the handler returns, and none is skipped', async () => {
    let failures = 3;
    const group = 'retry';
    const reader = await consume(connection, publisher, { group }, () => {
      if (failures === 0) return;
      failures -= 1;
      throw new Error('the database is away');
    });
    closing.push(reader.close);
    await publisher.publish(records(100, 1_000));
    const wanted = records(100, 1_000).map(({ headers }) => headers['ce_id']!);
    await eventually(() => expect(reader.ids()).toEqual(expect.arrayContaining(wanted)));
    expect(failures).toBe(0);
  });

  it('that cannot be read go to the dead letters with their bytes and the reason, and stop nothing', async () => {
    const own = connect();
    const writer = await publisherOn(own);
    const raw = own.kafka.producer();
    await raw.connect();
    closing.push(
      () => raw.disconnect(),
      () => writer.disconnect(),
    );
    const good = toRecord('usage', usage('good', 'key_1'));
    const bad = [
      { key: 'key_1', value: 'not json', headers: good.headers },
      { key: 'key_1', value: null, headers: good.headers },
      { key: null, value: good.value, headers: good.headers },
      {
        key: 'key_1',
        value: good.value,
        headers: { ...good.headers, ce_type: 'tollgate.usage.recorded.v9' },
      },
      { key: 'key_1', value: good.value, headers: {} },
      {
        key: 'key_1',
        value: JSON.stringify({ ...usage('x', 'k').data, tokens: null }),
        headers: good.headers,
      },
    ];
    await raw.send({
      topic: own.topic('usage'),
      messages: [...bad, good].map((m) => ({ ...m, partition: 3 })),
    });
    const reader = await consume(own, writer, { group: 'dead' });
    closing.push(reader.close);
    await eventually(() => expect(reader.ids()).toEqual(['good']));
    const dead = await readAll(own, `${own.topic('usage')}.dead`, bad.length);
    expect(dead.map(({ value }) => value)).toEqual(
      bad.map(({ value }) => (value === null ? null : String(value))),
    );
    expect(dead.map(({ headers }) => headers['dead_offset'])).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(dead.map(({ headers }) => headers['dead_reason'])).toEqual([
      expect.stringContaining('not JSON'),
      'the record has no value',
      'the record has no key',
      expect.stringContaining('unknown event type'),
      'header ce_type is missing',
      expect.stringContaining('tokens'),
    ]);
  });

  it('move to the other member of a group when one leaves, and none is missed', async () => {
    const own = connect();
    const writer = await publisherOn(own);
    closing.push(() => writer.disconnect());
    const [first, second] = [
      await consume(own, writer, { group: 'pair' }),
      await consume(own, writer, { group: 'pair' }),
    ];
    closing.push(second.close);
    const partitions = (reader: typeof first) =>
      new Set(reader.batches.map(({ partition }) => partition)).size;
    let published = 0;
    await eventually(
      async () => {
        await writer.publish(records(200, published));
        published += 200;
        expect(partitions(first) > 0 && partitions(second) > 0).toBe(true);
      },
      { every_ms: 100 },
    );
    await first.close();
    await writer.publish(records(200, published));
    published += 200;
    const wanted = sorted(records(published).map(({ headers }) => headers['ce_id']!));
    await eventually(() => expect(sorted([...first.ids(), ...second.ids()])).toEqual(wanted));
  });
});

describe('records on a signed topic', () => {
  it('are ignored when whoever wrote them does not hold the key', async () => {
    const connection = connect();
    const publisher = await publisherOn(connection);
    const beat = toRecord('keys', {
      id: 'hb',
      source: '/key-admin',
      type: 'tollgate.heartbeat.v1',
      time: '2026-11-23T12:00:00.000Z',
      subject: 'signed',
      data: {},
    });
    const raw = connection.kafka.producer();
    await raw.connect();
    await raw.send({
      topic: connection.topic('keys'),
      messages: [{ key: 'forged', value: beat.value, headers: beat.headers }],
    });
    await publisher.publish([beat]);

    const seen: string[] = [];
    @Controller()
    class Keys {
      @EventPattern('keys')
      keys(@Payload() batch: Batch) {
        seen.push(...batch.events.map(({ key }) => key));
      }
    }
    @Module({ controllers: [Keys] })
    class KeysModule {}
    const strategy = new KafkaBatchServer(connection, publisher, {
      everyPartition: true,
      instance: 'signed',
    });
    const app = await NestFactory.createMicroservice(KeysModule, { strategy, logger: false });
    await app.listen();
    await strategy.caughtUp;
    expect(seen).toEqual(['signed']);
    const [dead] = await readAll(connection, `${connection.topic('keys')}.dead`, 1);
    expect(dead?.headers['dead_reason']).toBe('the signature is missing or wrong');
    await app.close();
    await raw.disconnect();
    await publisher.disconnect();
  });
});

describe('a broker that is killed and comes back', () => {
  it('costs no acknowledged record, and publishing and consuming go on by themselves', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kafka-restart-'));
    const place = { dataDir, port: await freePort(), controllerPort: await freePort(), log: () => undefined };
    let broker = await startKafka(place);
    const connection = connect(broker.brokers);
    const publisher = await publisherOn(connection);
    const reader = await consume(connection, publisher, { group: 'restart' });
    try {
      await publisher.publish(records(100));
      await eventually(() => expect(sorted(reader.ids())).toHaveLength(100));
      await broker.kill();
      const whileAway = publisher.publish(records(100, 100));
      broker = await startKafka(place);
      await whileAway;
      await eventually(() => expect(sorted(reader.ids())).toHaveLength(200));
    } finally {
      await reader.close();
      await publisher.disconnect();
      await broker.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 120_000);
});

/** Reads `count` messages of a topic as texts. */
async function readAll(connection: KafkaConnection, topic: string, count: number) {
  const consumer = connection.kafka.consumer({ groupId: `${topic}.reader`, maxWaitTimeInMs: 25 });
  const messages: { value: string | null; headers: Record<string, string> }[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
      messages.push({ value: message.value?.toString() ?? null, headers: Object.fromEntries(headers) });
    },
  });
  await eventually(() => expect(messages.length).toBeGreaterThanOrEqual(count));
  await consumer.disconnect();
  return messages;
}
