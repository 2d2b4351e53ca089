import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelList } from '@tollgate/contracts/gateway-http';
import { UNLIMITED } from '@tollgate/contracts/limits';
import { directive, RunningGateway, type SpecKey } from './running-gateway.ts';

const provider = (name: string, protocol: string, models: string[]) => ({
  name,
  protocol,
  base_url: 'http://127.0.0.1:1/v1',
  base_url_variable: `${protocol.toUpperCase()}_BASE_URL`,
  credential: `${protocol.toUpperCase()}_API_KEY`,
  models,
});
const PROVIDERS = {
  providers: [
    provider('openai', 'openai', ['*']),
    { ...provider('second', 'openai', ['gpt-*']), catalog: 'openai' },
    provider('anthropic', 'anthropic', ['claude-*']),
  ],
  fallbacks: { 'gpt-4o': ['second/gpt-4o', 'gpt-4o-mini'] },
};

let gateway: RunningGateway;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tollgate-providers-'));
  const file = join(directory, 'providers.json');
  writeFileSync(file, JSON.stringify(PROVIDERS));
  gateway = await RunningGateway.start('endpoints', { TOLLGATE_PROVIDERS: file });
});
afterAll(async () => {
  await gateway?.stop();
  rmSync(directory, { recursive: true });
});

const post = (key: SpecKey, path: string, body: object) =>
  fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const chat = (model: string, content: string, fields: object = {}) => ({
  model,
  messages: [{ role: 'user', content }],
  ...fields,
});
const say = (told: object = {}) => `hello ${directive({ completion_tokens: 12, ...told })}`;
const codeOf = async (answer: Response) =>
  ((await answer.json()) as { error: { code: string; param: string | null } }).error;

describe('every endpoint passes its answer on and records what the provider counted', () => {
  const messages = [{ role: 'user', content: say({ cached_tokens: 3 }) }];
  const claude = { model: 'claude-haiku-4-5', max_tokens: 50, messages };
  it.each<[string, string, string, object]>([
    ['/v1/chat/completions', 'openai', 'chat.completion', chat('gpt-4o-mini', say({ cached_tokens: 3 }))],
    ['/v1/chat/completions', 'openai', 'chunk', chat('gpt-4o-mini', say(), { stream: true })],
    ['/v1/completions', 'openai', 'text_completion', { model: 'gpt-3.5-turbo-instruct', prompt: say() }],
    ['/v1/completions', 'openai', '[DONE]', { model: 'gpt-3.5-turbo-instruct', prompt: say(), stream: true }],
    ['/v1/embeddings', 'openai', '"embedding"', { model: 'text-embedding-3-small', input: 'hello' }],
    ['/v1/responses', 'openai', '"response"', { model: 'gpt-4o-mini', input: say() }],
    ['/v1/responses', 'openai', 'response.completed', { model: 'gpt-4o-mini', input: say(), stream: true }],
    ['/v1/messages', 'anthropic', '"message"', claude],
    ['/v1/messages', 'anthropic', 'message_stop', { ...claude, stream: true }],
  ])('%s of %s: %s', async (path, providerName, mark, body) => {
    const key = await gateway.newKey();
    const answer = await post(key, path, body);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(mark);
    const [record] = await gateway.recorded(key.id, 1);
    const [served] = await gateway.provider.log({ request_id: record!.id });
    expect(record).toMatchObject({
      endpoint: path,
      provider: providerName,
      status: 'succeeded',
      quality: 'exact',
    });
    expect(record!.tokens).toMatchObject({ ...served!.reported_tokens });
    expect(Number(record!.cost_usd)).toBeGreaterThan(0);
  });

  it('takes Anthropic’s header, and answers its errors in its shape', async () => {
    const key = await gateway.newKey({ limits: { ...UNLIMITED, requests_per_minute: 1 } });
    const ask = () =>
      fetch(`${gateway.url}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': key.token, 'content-type': 'application/json' },
        body: JSON.stringify(claude),
      });
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      type: 'error',
      error: { type: 'rate_limit_error', code: 'requests_per_minute_reached' },
    });
  });
});

describe('a model', () => {
  it('is listed where the key may use it', async () => {
    const key = await gateway.newKey({ allowed_models: ['gpt-4o*', 'claude-haiku-*'] });
    const answer = await fetch(`${gateway.url}/v1/models`, { headers: { 'x-api-key': key.token } });
    const ids = ((await answer.json()) as ModelList).data.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['gpt-4o', 'gpt-4o-mini', 'claude-haiku-4-5']));
    expect(ids.every((id) => /^(gpt-4o|claude-haiku-)/.test(id))).toBe(true);
    const refused = await post(key, '/v1/chat/completions', chat('o3', 'hello'));
    expect([refused.status, (await codeOf(refused)).code]).toEqual([403, 'model_not_allowed']);
  });

  it('is served by the provider that its name begins with, under its own name', async () => {
    const key = await gateway.newKey();
    const answer = await post(key, '/v1/chat/completions', chat('second/gpt-4o', say()));
    expect(((await answer.json()) as { model: string }).model).toBe('gpt-4o');
    const [record] = await gateway.recorded(key.id, 1);
    expect(record).toMatchObject({ provider: 'second', model: 'second/gpt-4o', upstream_model: 'gpt-4o' });
  });

  it('that nobody serves on this endpoint is not found', async () => {
    const key = await gateway.newKey();
    const answer = await post(key, '/v1/messages', chat('gpt-4o', 'hello', { max_tokens: 5 }));
    expect(answer.status).toBe(404);
  });
});

describe('an attempt that fails before its answer begins', () => {
  it('is repeated, and both are recorded', async () => {
    const key = await gateway.newKey();
    const told = say({ status: 503, fail_first: 1 });
    const answer = await post(key, '/v1/chat/completions', chat('gpt-4o-mini', `${key.id} ${told}`));
    expect(answer.status).toBe(200);
    const records = await gateway.recorded(key.id, 2);
    expect(
      records.map(({ id, status, http_status, tokens }) => [id.at(-1), status, http_status, tokens.output]),
    ).toEqual([
      ['1', 'failed', 503, 0],
      ['2', 'succeeded', 200, 12],
    ]);
    expect((await gateway.meterOf(key.token)).requests_last_minute).toBe(1);
  });

  it('falls back to the next model once its provider’s tries are used up', async () => {
    const key = await gateway.newHardKey();
    const told = say({ reset: 'before_headers', fail_first: 4 });
    const answer = await post(key, '/v1/chat/completions', chat('gpt-4o', `${key.id} ${told}`));
    expect(answer.status).toBe(200);
    const records = await gateway.recorded(key.id, 5);
    expect(records.map(({ provider: name, upstream_model }) => `${name}/${upstream_model}`)).toEqual([
      'openai/gpt-4o',
      'openai/gpt-4o',
      'second/gpt-4o',
      'second/gpt-4o',
      'openai/gpt-4o-mini',
    ]);
    expect((await gateway.meterOf(key.token)).held.tokens).toBe(0);
  });

  it('is the client’s to know of when nothing is left to try, as the provider said it', async () => {
    const key = await gateway.newKey();
    const answer = await post(
      key,
      '/v1/chat/completions',
      chat('gpt-4o-mini', say({ status: 429, retry_after: 7 })),
    );
    expect([answer.status, answer.headers.get('x-tollgate-upstream')]).toEqual([429, 'openai']);
    expect(answer.headers.get('retry-after')).toBe('7');
    // A provider that asks to wait is not asked again.
    expect(await gateway.recorded(key.id, 1)).toHaveLength(1);
  });

  it('is not repeated where the request was wrong', async () => {
    const key = await gateway.newKey();
    const answer = await post(key, '/v1/chat/completions', chat('gpt-4o-mini', say({ status: 400 })));
    expect(answer.status).toBe(400);
    expect(await gateway.recorded(key.id, 1)).toHaveLength(1);
  });
});

describe('under hard enforcement', () => {
  const hardKey = (limits: object) =>
    gateway.newKey({ limits: { ...UNLIMITED, enforcement: 'hard', ...limits } });
  const usedBy = async (key: SpecKey) => {
    const { tokens, cost_usd, held } = await gateway.meterOf(key.token);
    expect(held).toEqual({ cost_usd: '0.00', tokens: 0 });
    return { tokens, cost: Number(cost_usd) };
  };

  it('any number of requests at once stay within the limit, and each is admitted that fits', async () => {
    const key = await hardKey({ tokens: 4_000 });
    const ask = async (stream: boolean) => {
      const body = chat('gpt-4o-mini', say(), { max_tokens: 20, stream });
      const answer = await post(key, '/v1/chat/completions', body);
      await answer.text();
      return answer.status;
    };
    const client = async () => {
      for (let n = 0; n < 5; n += 1) expect([200, 429]).toContain(await ask(n % 2 === 0));
    };
    await Promise.all(Array.from({ length: 20 }, client));
    // One after another, nothing is held for others any more.
    while ((await ask(false)) === 200);
    const { tokens } = await usedBy(key);
    expect(tokens).toBeLessThanOrEqual(4_000);
    // What is left is less than the bound of one more request.
    expect(tokens).toBeGreaterThan(4_000 - 350);
  });

  it('a request that does not fit is given a lower cap, and told so', async () => {
    const key = await hardKey({ tokens: 300 });
    const answer = await post(
      key,
      '/v1/chat/completions',
      chat('gpt-4o-mini', say({ completion_tokens: 5_000 }), { max_tokens: 5_000 }),
    );
    const cap = Number(answer.headers.get('x-tollgate-max-tokens'));
    expect(cap).toBeGreaterThan(0);
    expect(((await answer.json()) as { usage: { completion_tokens: number } }).usage.completion_tokens).toBe(
      cap,
    );
    const { tokens } = await usedBy(key);
    expect(tokens).toBeLessThanOrEqual(300);
  });

  it.each([
    ['/v1/chat/completions', 'gpt-4o-mini', '"finish_reason":"length"', 'data: [DONE]'],
    ['/v1/messages', 'claude-haiku-4-5', '"stop_reason":"max_tokens"', 'event: message_stop'],
  ])(
    'a stream on %s that goes on beyond its cap is ended there as the model would',
    async (path, model, reason, last) => {
      const key = await hardKey({ tokens: 400 });
      const told = say({ completion_tokens: 2_000, ignore_cap: true, chunk_delay_ms: 1 });
      const answer = await post(key, path, chat(model, told, { max_tokens: 30, stream: true }));
      const text = await answer.text();
      expect(text).toContain(reason);
      expect(text.trimEnd().split('\n\n').at(-1)).toContain(last);
      const [record] = await gateway.recorded(key.id, 1);
      expect(record!.tokens.output).toBe(30);
      expect(record!.quality).not.toBe('exact');
      expect((await usedBy(key)).tokens).toBeLessThanOrEqual(400);
    },
  );

  it('what cannot be bounded is refused with the part that cannot', async () => {
    const key = await hardKey({ cost_usd: '1' });
    const parts = [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }];
    const answer = await post(key, '/v1/chat/completions', {
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: parts }],
    });
    expect(answer.status).toBe(400);
    expect(await codeOf(answer)).toMatchObject({ code: 'unbounded_request', param: 'messages.0.content.0' });
    expect((await usedBy(key)).cost).toBe(0);
  });
});

it('a revocation ends the key’s streams at once, and what had come is recorded', async () => {
  const key = await gateway.newKey();
  const answer = await post(
    key,
    '/v1/chat/completions',
    chat('gpt-4o-mini', say({ completion_tokens: 5_000, chunk_delay_ms: 5 }), { stream: true }),
  );
  const reader = answer.body!.getReader();
  for (let seen = 0; seen < 2_000; ) seen += (await reader.read()).value?.length ?? 0;
  await gateway.applyKey({ ...key.state, revoked_at: new Date().toISOString() }, 2);
  const rest = async () => {
    while (!(await reader.read()).done);
  };
  await expect(rest()).rejects.toThrow();
  const [record] = await gateway.recorded(key.id, 1);
  expect(record).toMatchObject({ status: 'aborted', quality: 'estimated' });
  expect(record!.tokens.output).toBeGreaterThan(0);
});

it('what a revocation ends before the provider said anything may have been used, and is recorded so', async () => {
  const limits = { ...UNLIMITED, tokens: 1_000_000 };
  const keys = [
    await gateway.newKey({ limits }),
    await gateway.newKey({ limits: { ...limits, enforcement: 'hard' } }),
  ];
  const body = chat('gpt-4o-mini', say({ hang: true }), { max_tokens: 500 });
  const asked = keys.map((key) => post(key, '/v1/chat/completions', body));
  const broken = Promise.allSettled(asked);
  await gateway.provider.log({ state: 'in_flight', wait: 2 });
  for (const key of keys) await gateway.applyKey({ ...key.state, revoked_at: new Date().toISOString() }, 2);
  expect((await broken).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const [soft, hard] = await Promise.all(keys.map(async ({ id }) => (await gateway.recorded(id, 1))[0]!));
  const ended = { status: 'aborted', http_status: null, quality: 'estimated' };
  expect(soft).toMatchObject({ ...ended, tokens: { input: expect.any(Number), output: 0 } });
  expect(soft!.tokens.input).toBeGreaterThan(0);
  // Under hard enforcement, all that was held: the provider may have generated it.
  expect(hard).toMatchObject({ ...ended, tokens: { output: 500 } });
});
