import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyState, LimitEvent, UsageRecorded } from '@tollgate/contracts/events';
import type { OwnKey } from '@tollgate/contracts/gateway-http';
import { UNLIMITED } from '@tollgate/contracts/limits';
import { freePort } from '@tollgate/dev-stack/ports';
import { type ServiceProcess, startService } from '@tollgate/dev-stack/service-process';
import { type Batch, KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { type Position, Publisher } from '@tollgate/kafka/publisher';
import { newId } from '@tollgate/service-kit/ids';
import { createLogger } from '@tollgate/service-kit/log';
import { digestSecret, newToken } from '@tollgate/service-kit/tokens';
import { eventually } from '@tollgate/testing/eventually';
import { type FakeProvider, startFakeProvider } from '@tollgate/testing/fake-provider';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';

const hex = (byte: string) => byte.repeat(32);
const peppers = `2:${hex('22')},1:${hex('11')}`;
const pepper = Buffer.from(hex('22'), 'hex');
const now = () => new Date().toISOString();

/** The gateway as a process on a real broker, with the spec in the places of key-admin, metering and client. */
describe('the gateway', () => {
  const topicPrefix = uniqueTopicPrefix('gateway');
  const connection = new KafkaConnection({
    brokers: process.env['KAFKA_BROKERS']!.split(','),
    clientId: 'spec',
    topicPrefix,
    eventKeys: [{ version: 1, key: Buffer.from(hex('33'), 'hex') }],
    logger: createLogger('spec', 'silent'),
  });
  const publisher = new Publisher(connection);
  const usage: { record: UsageRecorded; offset: bigint; partition: number }[] = [];
  let reader: KafkaBatchServer;
  const logDirectory = mkdtempSync(join(tmpdir(), 'tollgate-gateway-'));
  let provider: FakeProvider;
  let gateway: ServiceProcess;
  let acknowledged: Record<string, string> = {};

  beforeAll(async () => {
    await provisionTopics(connection);
    await publisher.connect();
    provider = await startFakeProvider();
    reader = new KafkaBatchServer(connection, publisher, { everyPartition: true, instance: 'spec' });
    reader.addHandler('usage', async (batch: Batch) => {
      for (const { event, offset } of batch.events) {
        usage.push({ record: event.data as UsageRecorded, offset, partition: batch.partition });
      }
    });
    reader.addHandler('gateways', async (batch: Batch) => {
      for (const { event } of batch.events) {
        acknowledged = (event.data as { applied: { keys: Record<string, string> } }).applied.keys;
      }
    });
    await reader.listen(() => undefined);
    const port = await freePort();
    gateway = await startService({
      name: 'gateway',
      entry: new URL('../dist/main.js', import.meta.url).pathname,
      readyUrl: `http://127.0.0.1:${port}/readyz`,
      env: {
        PORT: String(port),
        HOST: '127.0.0.1',
        KAFKA_BROKERS: process.env['KAFKA_BROKERS']!,
        TOLLGATE_TOPIC_PREFIX: topicPrefix,
        TOLLGATE_EVENT_KEYS: `1:${hex('33')}`,
        TOLLGATE_KEY_PEPPERS: peppers,
        // Nobody is there: no key of these specs has limits that are given out.
        TOLLGATE_METERING_URL: 'http://127.0.0.1:9',
        TOLLGATE_INTERNAL_TOKEN: 'internal token of the spec',
        TOLLGATE_LOG_DIR: logDirectory,
        TOLLGATE_MAX_BODY_BYTES: '4096',
        TOLLGATE_UPSTREAM_TIMEOUT_MS: '4000',
        TOLLGATE_DRAIN_MS: '5000',
        OPENAI_BASE_URL: `${provider.url}/v1`,
        OPENAI_API_KEY: 'fake-provider-key',
        LOG_LEVEL: 'warn',
      },
    });
  });

  afterAll(async () => {
    await gateway?.stop();
    await reader?.close();
    await provider?.stop();
    await publisher.disconnect();
  });

  /** Publishes a key's state as key-admin would, and waits until the gateway has acknowledged it. */
  async function applyKey(state: KeyState, version = 1): Promise<void> {
    const position = await publisher.publish([
      toRecord('keys', {
        id: `${state.id}/${version}`,
        source: '/key-admin',
        type: version === 1 ? 'tollgate.key.created.v1' : 'tollgate.key.updated.v1',
        time: now(),
        subject: state.id,
        data: { version, actor: 'adm_spec', change: {}, state },
      }),
    ]);
    const { partition, offset } = position[0] as Position;
    await eventually(() => expect(BigInt(acknowledged[partition] ?? 0)).toBeGreaterThan(offset));
  }

  async function newKey(overrides: Partial<KeyState> = {}) {
    const id = newId('key');
    const { token, secret } = newToken('tg', id);
    const current = {
      digest: digestSecret(secret, pepper),
      pepper: 2,
      last_four: token.slice(-4),
      expires_at: null,
    };
    const state: KeyState = {
      id,
      name: 'spec',
      team_id: 'team_default',
      enabled: true,
      revoked_at: null,
      expires_at: null,
      secrets: [current],
      limits: UNLIMITED,
      limit_revision: 1,
      generation: 0,
      metadata: {},
      allowed_models: null,
      allowed_ips: null,
      ...overrides,
    };
    await applyKey(state);
    return { id, token, state };
  }

  const directive = (instruction: object) => `[[fake:${JSON.stringify(instruction)}]]`;
  const chat = (content: string, fields: object = {}) =>
    JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }], ...fields });
  const post = (token: string, body: string, init: RequestInit = {}) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
      ...init,
    });
  const ownMeter = async (token: string) => {
    const answer = await fetch(`${gateway.url}/v1/key`, { headers: { authorization: `Bearer ${token}` } });
    return ((await answer.json()) as OwnKey).meter;
  };
  const recordsOf = (keyId: string) => usage.filter(({ record }) => record.key_id === keyId);
  const recorded = async (keyId: string, count: number) => {
    await eventually(() => expect(recordsOf(keyId)).toHaveLength(count));
    return recordsOf(keyId).map(({ record }) => record);
  };

  it('passes an answer on unchanged and records what the provider counted', async () => {
    const { id, token } = await newKey();
    const answer = await post(token, chat(`hello ${directive({ completion_tokens: 12 })}`));
    expect(answer.status).toBe(200);
    const requestId = answer.headers.get('x-request-id')!;
    const { usage: told } = (await answer.json()) as {
      usage: { prompt_tokens: number; total_tokens: number };
    };
    const [record] = await recorded(id, 1);
    expect(record).toMatchObject({
      id: `${requestId}/1`,
      status: 'succeeded',
      http_status: 200,
      quality: 'exact',
      streamed: false,
      tokens: { input: told.prompt_tokens, output: 12, total: told.total_tokens },
      price_version: expect.stringMatching(/^genai-prices@/),
    });
    const picodollars = BigInt(told.prompt_tokens) * 150_000n + 12n * 600_000n;
    expect(record?.cost_usd).toBe(`0.${picodollars.toString().padStart(12, '0').replace(/0+$/, '')}`);
    const [served] = await provider.log({ request_id: `${requestId}/1` });
    expect(served).toMatchObject({ completion_tokens: 12, outcome: 'served' });
  });

  it('streams, keeps the usage chunk that was not asked for, and still records exact usage', async () => {
    const { id, token } = await newKey();
    const text = await (
      await post(token, chat(`hi ${directive({ completion_tokens: 5 })}`, { stream: true }))
    ).text();
    expect(text).toContain('data: [DONE]');
    expect(text).not.toContain('"usage":{');
    const [record] = await recorded(id, 1);
    expect(record).toMatchObject({ streamed: true, quality: 'exact', tokens: { output: 5 } });
    expect(record?.first_token_ms).not.toBeNull();
  });

  it('keeps caller and provider apart: no credential of either reaches the other', async () => {
    const { token } = await newKey();
    const answer = await post(token, chat(directive({ status: 500, error: { message: 'boom' } })));
    expect(answer.status).toBe(500);
    expect(answer.headers.get('x-tollgate-upstream')).toBe('openai');
    expect(JSON.stringify([...answer.headers]) + (await answer.text())).not.toContain('fake-provider-key');
    const [served] = await provider.log({ request_id: `${answer.headers.get('x-request-id')}/1` });
    // The provider checks its own credential: the caller's would have been a 401.
    expect(served?.status).toBe(500);
  });

  it('tells who may not come in, and why, without a word more', async () => {
    const { token, state } = await newKey();
    const disabled = await newKey({ enabled: false });
    const expired = await newKey({ expires_at: '2020-01-01T00:00:00.000Z' });
    const revoked = await newKey({ revoked_at: '2020-01-01T00:00:00.000Z' });
    const unknown = newToken('tg', newId('key')).token;
    const wrongSecret = newToken('tg', state.id).token;
    const admin = newToken('tga', newId('adm')).token;
    const told = async (text: string) => {
      const answer = await post(text, chat('x'));
      const { error } = (await answer.json()) as { error: { code: string; message: string } };
      return [answer.status, error.code, error.message];
    };
    const [, , invalid] = await told(unknown);
    for (const text of [
      unknown,
      wrongSecret,
      revoked.token,
      admin,
      token.slice(0, -1),
      'x',
      "' OR 1=1",
      'y'.repeat(10_000),
    ]) {
      expect(await told(text)).toEqual([401, 'invalid_api_key', invalid]);
    }
    expect(await told(disabled.token)).toEqual([403, 'key_disabled', expect.stringContaining('enable')]);
    expect(await told(expired.token)).toEqual([401, 'key_expired', expect.stringContaining('2020-01-01')]);
    expect((await post(token, chat('x'))).status).toBe(200);
  });

  it('takes the old secret of a rotated key until its overlap ends', async () => {
    const { token, state } = await newKey();
    const other = newToken('tg', state.id);
    const next = { ...state.secrets[0]!, digest: digestSecret(other.secret, pepper) };
    const overlapping = { ...state.secrets[0]!, expires_at: new Date(Date.now() + 60_000).toISOString() };
    await applyKey({ ...state, secrets: [next, overlapping] }, 2);
    expect((await post(token, chat('x'))).status).toBe(200);
    expect((await post(other.token, chat('x'))).status).toBe(200);
    await applyKey({ ...state, secrets: [next, { ...overlapping, expires_at: now() }] }, 3);
    expect((await post(token, chat('x'))).status).toBe(401);
    expect((await post(other.token, chat('x'))).status).toBe(200);
  });

  it('never goes back to an older version of a key', async () => {
    const { token, state } = await newKey();
    await applyKey({ ...state, enabled: false }, 3);
    await applyKey({ ...state, enabled: true }, 2);
    expect((await post(token, chat('x'))).status).toBe(403);
  });

  it.each([
    ['no JSON', 'nope', 400, 'invalid_body'],
    ['no model', '{"messages":[]}', 400, 'invalid_body'],
    ['nesting a parser cannot hold', `{"model":"m","x":${'['.repeat(1_500)}`, 400, 'invalid_body'],
    ['more than it takes', chat('x'.repeat(5_000)), 413, 'body_too_large'],
  ])('answers a body with %s, and goes on', async (_, body, status, code) => {
    const { id, token } = await newKey();
    const answer = await post(token, body);
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
      status,
      code,
    ]);
    expect(await provider.log({ request_id: `${answer.headers.get('x-request-id')}/1` })).toEqual([]);
    expect((await post(token, chat('x'))).status).toBe(200);
    expect(await recorded(id, 1)).toHaveLength(1);
  });

  it('refuses a compressed body instead of guessing', async () => {
    const { token } = await newKey();
    const headers = { authorization: `Bearer ${token}`, 'content-encoding': 'gzip' };
    expect((await post(token, 'x', { headers })).status).toBe(415);
  });

  it('does not forward an unpriced model for a key with a cost limit, and flags it for others', async () => {
    const limited = await newKey({ limits: { ...UNLIMITED, cost_usd: '1.00' } });
    const refused = await post(limited.token, chat('x', { model: 'nobody-knows' }));
    expect(((await refused.json()) as { error: { code: string } }).error.code).toBe('model_unpriced');
    const free = await newKey();
    expect((await post(free.token, chat('x', { model: 'nobody-knows' }))).status).toBe(200);
    const [record] = await recorded(free.id, 1);
    expect(record).toMatchObject({ cost_usd: null, price_version: null });
  });

  it('says 502 when a provider breaks off before it answers, 504 when it stays silent, and records both', async () => {
    const { id, token } = await newKey();
    const code = async (instruction: object) => {
      const answer = await post(token, chat(directive(instruction)));
      return [answer.status, ((await answer.json()) as { error: { code: string } }).error.code];
    };
    expect(await code({ reset: 'before_headers' })).toEqual([502, 'upstream_unreachable']);
    expect(await code({ delay_ms: 600_000 })).toEqual([504, 'upstream_timeout']);
    const records = await recorded(id, 2);
    expect(records.map(({ status, tokens }) => [status, tokens.total])).toEqual([
      ['failed', 0],
      ['failed', 0],
    ]);
  });

  it('breaks the connection of a stream that the provider broke, and records what had come', async () => {
    const { id, token } = await newKey();
    const answer = await post(
      token,
      chat(directive({ completion_tokens: 40, reset: 'mid_stream' }), { stream: true }),
    );
    await expect(answer.text()).rejects.toThrow();
    const [record] = await recorded(id, 1);
    expect(record).toMatchObject({ status: 'failed', quality: 'estimated', http_status: 200 });
    expect(record!.tokens.output).toBeGreaterThan(0);
  });

  it('reads on when the client leaves a stream, so that its usage is exact', async () => {
    const { id, token } = await newKey();
    const leave = new AbortController();
    const body = chat(directive({ completion_tokens: 30, chunk_delay_ms: 10 }), { stream: true });
    const answer = await post(token, body, { signal: leave.signal });
    const chunks = answer.body!.getReader();
    await chunks.read();
    leave.abort();
    const [record] = await recorded(id, 1);
    expect(record).toMatchObject({ status: 'aborted', quality: 'exact', tokens: { output: 30 } });
  });

  it('forgets a client that leaves while it uploads', async () => {
    const { token } = await newKey();
    const socket = connectSocket(Number(new URL(gateway.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: 999\r\n\r\n{`,
    );
    socket.destroy();
    expect((await post(token, chat('x'))).status).toBe(200);
  });

  it('counts its own usage at once, and never again when the meter that includes it arrives', async () => {
    const { id, token } = await newKey({ limits: { ...UNLIMITED, tokens: 1_000 } });
    const used = async () => (await ownMeter(token)).tokens;
    await post(token, chat(directive({ completion_tokens: 20 })));
    const [record] = await recorded(id, 1);
    const { total } = record!.tokens;
    expect(await used()).toBe(total);
    const { offset, partition } = recordsOf(id)[0]!;
    // Twice what was recorded: another gateway's usage is in this meter too.
    await publishMeter(id, { tokens: 2 * total, through: { [partition]: String(offset + 1n) } });
    await eventually(async () => expect(await used()).toBe(2 * total));
    await post(token, chat(directive({ completion_tokens: 20 })));
    expect(await used()).toBe(3 * total);
  });

  it('refuses at once what a meter says is used up, with all that its holder needs to know', async () => {
    const { id, token } = await newKey({ limits: { ...UNLIMITED, tokens: 500, cost_usd: '2.00' } });
    await publishMeter(id, { tokens: 500, cost: '1.25' });
    await eventually(async () => expect((await ownMeter(token)).blocked).toEqual(['tokens']));
    const answer = await post(token, chat('x'));
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-should-retry': 'false',
      'x-tollgate-tokens-limit': '500',
      'x-tollgate-tokens-remaining': '0',
      'x-tollgate-cost-limit-usd': '2.00',
      'x-tollgate-cost-remaining-usd': '0.75',
    });
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(await answer.json()).toEqual({
      error: {
        code: 'token_limit_reached',
        type: 'insufficient_quota',
        param: null,
        message: expect.stringContaining('500 tokens of its limit of 500'),
        details: {
          scope: 'key',
          scope_id: id,
          dimension: 'tokens',
          limit: 500,
          used: 500,
          held: 0,
          remaining: 0,
          period: 'all',
          resets_at: null,
        },
      },
    });
  });

  let sequence = 0;
  async function publishMeter(
    keyId: string,
    used: { tokens: number; cost?: string; through?: Record<string, string> },
  ) {
    sequence += 1;
    const data: LimitEvent = {
      scope: 'key',
      scope_id: keyId,
      period: { id: 'all', start: null, end: null },
      generation: 0,
      limit_revision: 1,
      limit: { cost_usd: null, tokens: null },
      used: { cost_usd: used.cost ?? '0.00', tokens: used.tokens, requests: 1 },
      blocked: [],
      resets_at: null,
      reason: 'usage',
      sequence,
      through: used.through ?? {},
    };
    const id = `${keyId}/${sequence}`;
    const event = {
      id,
      source: '/metering',
      type: 'tollgate.limit.metered.v1' as const,
      time: now(),
      subject: keyId,
      data,
    };
    await publisher.publish([toRecord('limits', event)]);
  }

  it('lets requests under way finish when it is stopped, and publishes their usage', async () => {
    const { id, token } = await newKey();
    const body = chat(directive({ completion_tokens: 20, chunk_delay_ms: 20 }), { stream: true });
    const answer = await post(token, body);
    const stopped = gateway.stop();
    expect(await answer.text()).toContain('[DONE]');
    expect((await stopped).code).toBe(0);
    const [record] = await recorded(id, 1);
    expect(record).toMatchObject({ status: 'succeeded', quality: 'exact', tokens: { output: 20 } });
  });
});
