import type { ErrorBody } from '@tollgate/contracts/errors';
import { atBest } from '@tollgate/testing/at-best';
import { eventually } from '@tollgate/testing/eventually';
import OpenAI from 'openai';
import { chat, fake, System } from './system.ts';

describe('a reached limit refuses with 429, and says what, how much and until when', () => {
  let system: System;

  beforeAll(async () => {
    system = await System.start('limits');
  });
  afterAll(() => system?.stop());

  const ask = (token: string, completionTokens = 20) =>
    system
      .client(token)
      .chat.completions.create(chat(`hello ${fake({ completion_tokens: completionTokens })}`));
  const refused = async (token: string) => {
    const answer = await fetch(`${system.gatewayUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(chat('hello')),
    });
    const { error } = (await answer.json()) as ErrorBody;
    return { status: answer.status, headers: answer.headers, error };
  };
  const tokensOf = ({ usage }: OpenAI.ChatCompletion) => usage!.total_tokens;

  it('tokens: the request that crosses the limit completes, the next one is refused', async () => {
    const { key, secret } = await system.admin.createKey({
      limits: { tokens: 150, reset_period: 'monthly' },
    });
    const used = tokensOf(await ask(secret, 90)) + tokensOf(await ask(secret, 90));
    expect(used).toBeGreaterThan(150);
    const before = Date.now();
    const { status, headers, error } = await refused(secret);
    expect(status).toBe(429);
    expect(error).toMatchObject({ code: 'token_limit_reached', type: 'insufficient_quota', param: null });
    const { resets_at: resetsAt } = error.details as { resets_at: string };
    expect(error.details).toEqual({
      scope: 'key',
      scope_id: key.id,
      dimension: 'tokens',
      limit: 150,
      used,
      held: 0,
      remaining: 0,
      period: new Date().toISOString().slice(0, 7),
      resets_at: expect.stringMatching(/^\d{4}-\d{2}-01T00:00:00\.000Z$/),
    });
    expect(headers.get('x-should-retry')).toBe('false');
    const untilReset = (now: number) => (Date.parse(resetsAt) - now) / 1_000;
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(untilReset(Date.now()));
    expect(Number(headers.get('retry-after'))).toBeLessThan(untilReset(before) + 1);
    expect(headers.get('x-tollgate-tokens-limit')).toBe('150');
    expect(headers.get('x-tollgate-tokens-remaining')).toBe('0');
    expect(headers.get('x-tollgate-resets-at')).toBe(resetsAt);
  });

  it('cost: counted exactly, in decimal strings', async () => {
    const { secret } = await system.admin.createKey({ limits: { cost_usd: '0.00002' } });
    const { usage } = await ask(secret, 40);
    const picodollars = BigInt(usage!.prompt_tokens) * 150_000n + 40n * 600_000n;
    const { status, headers, error } = await refused(secret);
    expect(status).toBe(429);
    expect(error).toMatchObject({
      code: 'cost_limit_reached',
      type: 'insufficient_quota',
      details: {
        limit: '0.00002',
        used: `0.${picodollars.toString().padStart(12, '0').replace(/0+$/, '')}`,
        remaining: '0.00',
        period: 'all',
        resets_at: null,
      },
    });
    // Only a person can change this, so there is no time to wait for.
    expect(headers.get('retry-after')).toBeNull();
    expect(headers.get('x-should-retry')).toBe('false');
    expect(headers.get('x-tollgate-cost-remaining-usd')).toBe('0.00');
  });

  it('requests per minute: a true 60 s window, in which a refusal does not count', async () => {
    let aheadMs = 0;
    const pass = (ms: number) => {
      aheadMs += ms;
      return system.passUntil(new Date(Date.now() + aheadMs));
    };
    await atBest(async () => {
      const { secret } = await system.admin.createKey({ limits: { requests_per_minute: 3 } });
      const start = Date.now();
      for (let n = 0; n < 3; n += 1) await ask(secret);
      const { status, headers, error } = await refused(secret);
      expect([status, error.code, error.type]).toEqual([
        429,
        'requests_per_minute_reached',
        'rate_limit_exceeded',
      ]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
      expect(headers.get('x-should-retry')).toBe('true');
      expect(headers.get('x-ratelimit-limit-requests')).toBe('3');
      expect(headers.get('x-ratelimit-remaining-requests')).toBe('0');
      expect(headers.get('x-ratelimit-reset-requests')).toMatch(/^\d+s$/);
      await pass(start + 59_000 - Date.now());
      expect((await refused(secret)).status).toBe(429);
      await pass(3_000);
      await ask(secret);
    });
    await system.moveClocksTo(new Date());
  });

  it('the stock client does not hammer an exhausted budget', async () => {
    const { secret } = await system.admin.createKey({ limits: { tokens: 1 } });
    await ask(secret);
    let requests = 0;
    const client = new OpenAI({
      apiKey: secret,
      baseURL: `${system.gatewayUrl}/v1`,
      fetch: (...call) => {
        requests += 1;
        return fetch(...call);
      },
    });
    await expect(client.chat.completions.create(chat('hello'))).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    expect(requests).toBe(1);
  });

  it('a raised limit admits again at once, a lowered one refuses at once', async () => {
    const { key, secret } = await system.admin.createKey({ limits: { tokens: 10 } });
    await ask(secret);
    expect((await refused(secret)).status).toBe(429);
    await system.admin.patch(key.id, { limits: { tokens: 1_000 } });
    await ask(secret);
    await system.admin.patch(key.id, { limits: { tokens: 20 } });
    expect((await refused(secret)).status).toBe(429);
  });

  it('a manual reset admits again at once, and the overview starts at zero', () =>
    atBest(async () => {
      const { key, secret } = await system.admin.createKey({ limits: { tokens: 10 } });
      await ask(secret);
      expect((await refused(secret)).status).toBe(429);
      await system.admin.reset(key.id, 'a new contract');
      await eventually(() => ask(secret, 5), { within_ms: 1_000 });
      await eventually(async () => {
        const { meter, history } = await system.admin.overview(key.id);
        expect(meter.requests).toBe(1);
        expect(history).toContainEqual(expect.objectContaining({ kind: 'limit.reset', reason: 'manual' }));
      });
    }));

  it('the overview shows what was used, what remains and what is blocked', async () => {
    const { key, secret } = await system.admin.createKey({ limits: { tokens: 100, cost_usd: '5.00' } });
    const used = tokensOf(await ask(secret, 120));
    await eventually(async () => {
      const { meter, history } = await system.admin.overview(key.id);
      expect(meter).toMatchObject({
        tokens: used,
        requests: 1,
        requests_last_minute: 1,
        blocked: ['tokens'],
        remaining: { tokens: 0 },
      });
      expect(history.map(({ kind }) => kind)).toContain('limit.breached');
    });
  });
});
