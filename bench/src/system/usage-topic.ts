import type { UsageRecorded } from '@tollgate/contracts/events';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { newId } from '@tollgate/service-kit/ids';
import { createLogger } from '@tollgate/service-kit/log';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';

const BATCH = 4_000;
const TEAMS = 10;

/** Writes usage records as gateways do, evenly over `keys` keys. @returns the prefix of the topics they are on */
export async function publishUsage(
  brokers: string,
  { records, keys }: { readonly records: number; readonly keys: number },
  onProgress: (done: number) => void,
): Promise<string> {
  const prefix = uniqueTopicPrefix('fold');
  const connection = new KafkaConnection({
    brokers: [brokers],
    clientId: 'bench',
    topicPrefix: prefix,
    eventKeys: [],
    logger: createLogger('bench', 'error'),
  });
  await provisionTopics(connection);
  const publisher = new Publisher(connection);
  await publisher.connect();
  const teams = Array.from({ length: TEAMS }, () => newId('team'));
  const ids = Array.from({ length: keys }, () => newId('key'));
  for (let done = 0; done < records; done += BATCH) {
    if (done % (BATCH * 10) === 0) onProgress(done);
    const size = Math.min(BATCH, records - done);
    const batch = Array.from({ length: size }, (_, i) => {
      const n = (done + i) % keys;
      return usageRecord(ids[n]!, teams[n % TEAMS]!, done + i);
    });
    await publisher.publish(
      batch.map((data) =>
        toRecord('usage', {
          id: data.id,
          source: '/gateway/bench',
          type: 'tollgate.usage.recorded.v1',
          time: data.settled_at,
          subject: data.key_id,
          data,
        }),
      ),
    );
  }
  await publisher.disconnect();
  return prefix;
}

function usageRecord(keyId: string, teamId: string, sequence: number): UsageRecorded {
  const nowMs = Date.now();
  const input = 200 + (sequence % 700);
  const output = 50 + (sequence % 300);
  return {
    id: `${newId('req')}/1`,
    key_id: keyId,
    team_id: teamId,
    gateway: 'gw_bench',
    sequence,
    endpoint: '/v1/chat/completions',
    provider: 'openai',
    model: 'gpt-4o-mini',
    upstream_model: 'gpt-4o-mini',
    status: 'succeeded',
    http_status: 200,
    streamed: sequence % 2 === 0,
    admitted_at: new Date(nowMs - 900).toISOString(),
    settled_at: new Date(nowMs).toISOString(),
    client_ip: '203.0.113.7',
    generations: { key: 0, team: 0, organization: 0 },
    tokens: { input, cached_input: 0, cache_write: 0, output, reasoning: 0, total: input + output },
    quality: 'exact',
    cost_usd: '0.000123',
    price_version: '2026-11-01',
    latency_ms: 900,
    first_token_ms: 210,
    metadata: {},
  };
}
