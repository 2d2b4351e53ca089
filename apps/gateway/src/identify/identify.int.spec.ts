import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessDenied, KeyState } from '@tollgate/contracts/events';
import { UNLIMITED } from '@tollgate/contracts/limits';
import { heartbeatKey } from '@tollgate/contracts/topics';
import { freePort } from '@tollgate/dev-stack/ports';
import { type ServiceProcess, startService } from '@tollgate/dev-stack/service-process';
import { type Batch, KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { newId } from '@tollgate/service-kit/ids';
import { createLogger } from '@tollgate/service-kit/log';
import { digestSecret, newToken } from '@tollgate/service-kit/tokens';
import { CLOCK_PRELOAD_ARGS } from '@tollgate/testing/clock-shift';
import { eventually } from '@tollgate/testing/eventually';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';

const PEPPER = Buffer.alloc(32, 2);
const EVENT_KEY = Buffer.alloc(32, 3);
const topicPrefix = uniqueTopicPrefix('identify');
const connection = new KafkaConnection({
  brokers: process.env['KAFKA_BROKERS']!.split(','),
  clientId: 'spec',
  topicPrefix,
  eventKeys: [{ version: 1, key: EVENT_KEY }],
  logger: createLogger('spec', 'silent'),
});
const publisher = new Publisher(connection);
const reader = new KafkaBatchServer(connection, publisher, { everyPartition: true, instance: 'spec' });
const denied: AccessDenied[] = [];
let beating: NodeJS.Timeout | undefined;
let gateway: ServiceProcess;

async function startGateway(env: Record<string, string> = {}, up = '/readyz'): Promise<ServiceProcess> {
  const port = await freePort();
  return startService({
    name: 'gateway',
    entry: new URL('../../dist/main.js', import.meta.url).pathname,
    nodeArgs: CLOCK_PRELOAD_ARGS,
    ipc: true,
    readyUrl: `http://127.0.0.1:${port}${up}`,
    env: {
      PORT: String(port),
      HOST: '127.0.0.1',
      KAFKA_BROKERS: process.env['KAFKA_BROKERS']!,
      TOLLGATE_TOPIC_PREFIX: topicPrefix,
      TOLLGATE_EVENT_KEYS: `1:${EVENT_KEY.toString('hex')}`,
      TOLLGATE_KEY_PEPPERS: `1:${PEPPER.toString('hex')}`,
      TOLLGATE_TRUSTED_PROXIES: '127.0.0.0/8,10.0.0.0/8',
      TOLLGATE_METERING_URL: 'http://127.0.0.1:9',
      TOLLGATE_INTERNAL_TOKEN: 'internal token of the spec',
      TOLLGATE_LOG_DIR: mkdtempSync(join(tmpdir(), 'tollgate-identify-')),
      KEY_STATE_MAX_AGE: '12',
      OPENAI_API_KEY: 'none',
      LOG_LEVEL: 'warn',
      ...env,
    },
  });
}

/** As key-admin and metering do each second, on every partition. */
async function beat(): Promise<void> {
  const time = new Date().toISOString();
  const beats = (['keys', 'limits'] as const).flatMap((topic) =>
    Array.from({ length: publisher.partitionCount(topic) }, (_, partition) => ({
      partition,
      record: toRecord(topic, {
        id: `${topic}/${partition}/${time}`,
        source: '/spec',
        type: 'tollgate.heartbeat.v1',
        time,
        subject: heartbeatKey(partition),
        data: {},
      }),
    })),
  );
  await publisher.publishTo(beats);
}
const startBeating = () => {
  beating = setInterval(() => void beat().catch(() => undefined), 500);
};

beforeAll(async () => {
  await provisionTopics(connection);
  await publisher.connect();
  startBeating();
  reader.addHandler('usage', async ({ events }: Batch) => {
    for (const { event } of events) {
      if (event.type === 'tollgate.access.denied.v1') denied.push(event.data as AccessDenied);
    }
  });
  await reader.listen(() => undefined);
  gateway = await startGateway();
});
afterAll(async () => {
  clearInterval(beating);
  await gateway?.stop();
  await reader.close();
  await publisher.disconnect();
});

async function newKey(overrides: Partial<KeyState> = {}) {
  const id = newId('key');
  const { token, secret } = newToken('tg', id);
  const state: KeyState = {
    ...{ id, name: 'spec', team_id: 'team_default', enabled: true, revoked_at: null, expires_at: null },
    secrets: [
      { digest: digestSecret(secret, PEPPER), pepper: 1, last_four: token.slice(-4), expires_at: null },
    ],
    ...{ limits: UNLIMITED, limit_revision: 1, generation: 0, metadata: {} },
    ...{ allowed_models: null, allowed_ips: null },
    ...overrides,
  };
  const data = { version: 1, actor: 'adm_spec', change: {}, state };
  const type = 'tollgate.key.created.v1' as const;
  const time = new Date().toISOString();
  await publisher.publish([
    toRecord('keys', { id: `${id}/1`, source: '/spec', type, time, subject: id, data }),
  ]);
  await eventually(async () => expect(await ask(token)).not.toBe('invalid_api_key'));
  return { id, token };
}

/** What the holder of a token is told, calling through a trusted proxy: "ok", or the error's code. */
async function ask(token: string, forwardedFor = '198.51.100.1', to = gateway): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': forwardedFor };
  const answer = await fetch(`${to.url}/v1/key`, { headers });
  const body = (await answer.json()) as { error?: { code: string } };
  if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  return body.error?.code ?? 'ok';
}

/** A token that nobody made, of an id that is old enough to be a guess. */
const guess = (n: number) => newToken('tg', `key_${String(n).padStart(22, '0')}`).token;

it('a key is let in from its addresses only, as trusted proxies tell them', async () => {
  const { token } = await newKey({ allowed_ips: ['198.51.100.0/24', '2001:db8::/32'] });
  expect(await ask(token, '198.51.100.9')).toBe('ok');
  expect(await ask(token, '192.0.2.1, 2001:db8::9, 10.1.1.1')).toBe('ok');
  expect(await ask(token, '198.51.100.9, 192.0.2.1')).toBe('ip_not_allowed');
});

it('guesses are answered 429 after 20 in a minute from one address, and keep nobody else out', async () => {
  const { token } = await newKey();
  const told: string[] = [];
  for (let n = 0; n < 22; n += 1) told.push(await ask(guess(n), '192.0.2.7'));
  expect(told).toEqual([
    ...Array(20).fill('invalid_api_key'),
    'too_many_failed_logins',
    'too_many_failed_logins',
  ]);
  expect(await ask(guess(99), '192.0.2.8')).toBe('invalid_api_key');
  expect(await ask(token, '192.0.2.7')).toBe('ok');
});

it('nobody is let in on keys that nobody vouches for any more, until somebody does', async () => {
  const { token } = await newKey();
  clearInterval(beating);
  await eventually(async () => expect(await ask(token)).toBe('key_state_stale'));
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(
    Number(/tollgate_key_state_age_seconds\{topic="keys"\} ([\d.]+)/.exec(metrics)?.[1]),
  ).toBeGreaterThan(12);
  startBeating();
  await eventually(async () => expect(await ask(token)).toBe('ok'));
});

it('a gateway whose clock is off by more than 5 s is not ready, and says by how much', async () => {
  const other = await startGateway({ CLOCK_OFFSET_MS: '60000' }, '/healthz');
  try {
    const missing = async () => {
      const answer = await fetch(`${other.url}/readyz`);
      return ((await answer.json()) as { missing: string[] }).missing;
    };
    await eventually(async () => {
      expect(await missing()).toEqual([
        expect.stringMatching(/^clock: .* (5[5-9]|60)\.\d s ahead of the broker's/),
      ]);
    });
    expect(await (await fetch(`${gateway.url}/readyz`)).json()).toEqual({ ready: true, missing: [] });
  } finally {
    await other.stop();
  }
});

it('a gateway that lacks a pepper is not ready, says which, and is when the keys with it are gone', async () => {
  const { id, token } = await newKey();
  const told = async () => (await (await fetch(`${gateway.url}/readyz`)).json()) as { missing: string[] };
  const change = async (version: number, overrides: Partial<KeyState>) => {
    const secrets = [{ digest: '00'.repeat(32), pepper: 9, last_four: 'abcd', expires_at: null }];
    const state: KeyState = {
      ...{ id, name: 'spec', team_id: 'team_default', enabled: true, revoked_at: null, expires_at: null },
      ...{ secrets, limits: UNLIMITED, limit_revision: 1, generation: 0, metadata: {} },
      ...{ allowed_models: null, allowed_ips: null },
      ...overrides,
    };
    const data = { version, actor: 'adm_spec', change: {}, state };
    const type = 'tollgate.key.rotated.v1' as const;
    const time = new Date().toISOString();
    const event = { id: `${id}/${version}`, source: '/spec', type, time, subject: id, data };
    await publisher.publish([toRecord('keys', event)]);
  };
  await change(2, {});
  await eventually(async () =>
    expect((await told()).missing).toEqual([expect.stringMatching(/^peppers: .*version 9/)]),
  );
  // Others go on: it is for whoever routes requests to send them elsewhere.
  expect(await ask((await newKey()).token)).toBe('ok');
  await change(3, { revoked_at: new Date().toISOString() });
  await eventually(async () => expect((await told()).missing).toEqual([]));
  expect(await ask(token)).toBe('invalid_api_key');
});

it('refusals are told in full when a gateway stops, each once', async () => {
  const own = await startGateway();
  const { id, token } = await newKey({ allowed_ips: ['10.9.9.9'] });
  await eventually(async () => expect(await ask(token, '203.0.113.1', own)).toBe('ip_not_allowed'));
  const counts = async () => {
    const rows = denied.filter(
      ({ key_id, client_ip }) => key_id === id && client_ip?.startsWith('203.0.113.'),
    );
    return rows.map(({ reason, client_ip, count }) => [reason, client_ip, count]);
  };
  for (let n = 0; n < 5; n += 1) await ask(token, '203.0.113.2', own);
  expect((await own.stop()).code).toBe(0);
  await eventually(async () => {
    const total = (await counts()).filter(([, ip]) => ip === '203.0.113.2');
    expect(total.reduce((sum, [, , count]) => sum + Number(count), 0)).toBe(5);
  });
  expect(new Set((await counts()).map(([reason]) => reason))).toEqual(new Set(['ip_not_allowed']));
});
