import type { GatewayReported } from '@tollgate/contracts/events';
import { type Batch, KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { createLogger } from '@tollgate/service-kit/log';
import { atBest } from '@tollgate/testing/at-best';
import { eventually } from '@tollgate/testing/eventually';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { KeyTable } from '../key-state/key-table.ts';
import { Reports } from '../key-state/reports.ts';
import { LOOK_BACK_MS, Peers } from './peers.ts';

const topicPrefix = uniqueTopicPrefix('peers');
const logger = createLogger('spec', 'silent');
const WAIT = { every_ms: 2 };
const stopping: (() => Promise<void>)[] = [];

/** What of a gateway makes it known to the others. */
async function startPeer(name: string) {
  const connection = new KafkaConnection({
    brokers: process.env['KAFKA_BROKERS']!.split(','),
    clientId: name,
    topicPrefix,
    eventKeys: [{ version: 1, key: Buffer.alloc(32, 1) }],
    logger,
  });
  await provisionTopics(connection);
  const publisher = new Publisher(connection);
  await publisher.connect();
  const instance = { name, startedAt: new Date().toISOString() };
  const peers = new Peers(instance);
  const reports = new Reports(instance, new KeyTable(() => 0), publisher, logger);
  const recentMs = { gateways: LOOK_BACK_MS };
  const server = new KafkaBatchServer(connection, publisher, {
    everyPartition: true,
    instance: name,
    recentMs,
  });
  server.addHandler('gateways', async ({ events }: Batch) => {
    for (const { event, timestampMs } of events) {
      peers.note(event.data as GatewayReported, timestampMs);
    }
  });
  await server.listen((error) => {
    if (error) throw error;
  });
  await server.caughtUp;
  stopping.push(
    () => server.close(),
    () => publisher.disconnect(),
  );
  return {
    introduce: async () => {
      reports.start();
      await peers.introduced;
    },
    othersLive: () => peers.othersLive,
    leave: () => reports.stop(),
  };
}

afterAll(async () => {
  for (const stop of stopping) await stop();
});

it('a gateway that starts knows at once who is there, is known soon after, and forgotten when it leaves', () =>
  atBest(async () => {
    const first = await startPeer('first');
    await first.introduce();
    expect(first.othersLive()).toBe(0);
    const second = await startPeer('second');
    expect(first.othersLive()).toBe(0);
    try {
      await second.introduce();
      expect(second.othersLive()).toBe(1);
      await eventually(() => expect(first.othersLive()).toBe(1), { within_ms: 1_000, every_ms: 2 });
    } finally {
      await second.leave();
    }
    await eventually(() => expect(first.othersLive()).toBe(0), WAIT);
    await first.leave();
  }));

it('gateways that start together soon know of each other', async () => {
  const gateways = await Promise.all(['a', 'b', 'c', 'd'].map(startPeer));
  await Promise.all(gateways.map((gateway) => gateway.introduce()));
  await eventually(() => {
    expect(gateways.map((gateway) => gateway.othersLive())).toEqual([3, 3, 3, 3]);
  }, WAIT);
  await Promise.all(gateways.map((gateway) => gateway.leave()));
});
