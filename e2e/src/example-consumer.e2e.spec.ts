import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { EventType, UsageAdjusted, UsageRecorded } from '@tollgate/contracts/events';
import type { Topic } from '@tollgate/contracts/topics';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { createLogger } from '@tollgate/service-kit/log';
import { eventually } from '@tollgate/testing/eventually';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';

const EXAMPLE = fileURLToPath(new URL('../../docs/examples/usage-consumer.mjs', import.meta.url));
const golden = <T>(type: EventType) =>
  JSON.parse(
    readFileSync(new URL(`../../packages/contracts/golden/${type}.json`, import.meta.url), 'utf8'),
  ) as T;

it('the example in the docs adds up usage and corrections, each once', async () => {
  const topicPrefix = uniqueTopicPrefix('example');
  const connection = new KafkaConnection({
    brokers: process.env['KAFKA_BROKERS']!.split(','),
    clientId: 'spec',
    topicPrefix,
    eventKeys: [],
    logger: createLogger('spec', 'silent'),
  });
  await provisionTopics(connection);
  const publisher = new Publisher(connection);
  await publisher.connect();
  const record = (topic: Topic, type: EventType, data: { id: string; key_id: string }) =>
    toRecord(topic, {
      id: data.id,
      source: '/spec',
      type,
      time: '2026-11-23T12:00:00.000Z',
      subject: data.key_id,
      data,
    });
  const usage = (id: string, cost_usd: string | null) =>
    record('usage', 'tollgate.usage.recorded.v1', {
      ...golden<UsageRecorded>('tollgate.usage.recorded.v1'),
      id,
      key_id: 'key_a',
      cost_usd,
    } as UsageRecorded);
  const credit = record('limit-events', 'tollgate.usage.adjusted.v1', {
    ...golden<UsageAdjusted>('tollgate.usage.adjusted.v1'),
    key_id: 'key_a',
    cost_usd: '-0.25',
  } as UsageAdjusted);
  await publisher.publish([
    usage('a', '1.00'),
    usage('b', null),
    usage('a', '1.00'),
    usage('c', '0.000000000001'),
    credit,
    credit,
  ]);
  await publisher.disconnect();

  const env = {
    PATH: process.env['PATH'],
    KAFKA_BROKERS: process.env['KAFKA_BROKERS'],
    TOLLGATE_TOPIC_PREFIX: topicPrefix,
  };
  const example = spawn(process.execPath, [EXAMPLE], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines: string[] = [];
    createInterface({ input: example.stdout }).on('line', (line) => lines.push(line));
    await eventually(() => expect(lines).toHaveLength(4), { within_ms: 30_000 });
    expect(lines.at(-1)).toBe('key_a 0.750000000001');
  } finally {
    example.kill('SIGKILL');
  }
}, 60_000);
