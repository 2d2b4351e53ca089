import Anthropic from '@anthropic-ai/sdk';
import { jest } from '@jest/globals';
import { eventually } from '@tollgate/testing/eventually';
import OpenAI from 'openai';
import { fake, System } from './system.ts';

/** What happened on the wire under a client. */
interface Wire {
  readonly statuses: number[];
  /** `Retry-After` of each refusal, in seconds. */
  readonly retryAfter: (number | null)[];
}

/** A client as its documentation says to make one, but for the address; it tries again as it sees fit. */
interface Stock {
  readonly name: string;
  ask(system: System, token: string, content: string, wire?: Wire): Promise<number>;
  readonly errors: typeof OpenAI | typeof Anthropic;
}

const GPT = 'gpt-4o-mini';
const CLAUDE = 'claude-haiku-4-5';
const user = (content: string) => [{ role: 'user' as const, content }];

const noting =
  (wire: Wire): typeof fetch =>
  async (...call) => {
    const answer = await fetch(...call);
    wire.statuses.push(answer.status);
    const seconds = answer.headers.get('retry-after');
    if (!answer.ok) wire.retryAfter.push(seconds === null ? null : Number(seconds));
    return answer;
  };
const newWire = (): Wire => ({ statuses: [], retryAfter: [] });

const openAi = (system: System, apiKey: string, wire = newWire()) =>
  new OpenAI({ apiKey, baseURL: `${system.gatewayUrl}/v1`, fetch: noting(wire) });
const anthropic = (system: System, apiKey: string, wire = newWire()) =>
  new Anthropic({ apiKey, baseURL: system.gatewayUrl, fetch: noting(wire) });

const STOCK: Stock[] = [
  {
    name: 'openai',
    errors: OpenAI,
    async ask(system, token, content, wire) {
      const client = openAi(system, token, wire);
      const { usage } = await client.chat.completions.create({ model: GPT, messages: user(content) });
      return usage!.total_tokens;
    },
  },
  {
    name: '@anthropic-ai/sdk',
    errors: Anthropic,
    async ask(system, token, content, wire) {
      const client = anthropic(system, token, wire);
      const { usage } = await client.messages.create({
        model: CLAUDE,
        max_tokens: 100,
        messages: user(content),
      });
      return usage.input_tokens + usage.output_tokens;
    },
  },
];

describe.each(STOCK)('the stock client $name', ({ ask, errors }) => {
  let system: System;

  beforeAll(async () => {
    system = await System.start('stock');
  });
  afterAll(() => system?.stop());
  afterEach(() => jest.useRealTimers());

  const metered = async (id: string, tokens: number) =>
    eventually(async () => expect((await system.admin.overview(id)).meter.tokens).toBe(tokens));
  const thrown = (asking: Promise<unknown>) =>
    asking.then(
      () => null,
      (error: unknown) => error,
    );

  it.each([{ tokens: 1 }, { cost_usd: '0.000001' }])(
    'does not ask again when a budget is exhausted: %p',
    async (limits) => {
      const { secret } = await system.admin.createKey({ limits });
      await ask(system, secret, 'hello');
      const wire = newWire();
      const error = await thrown(ask(system, secret, 'hello', wire));
      expect(error).toBeInstanceOf(errors.RateLimitError);
      expect(wire.statuses).toEqual([429]);
    },
  );

  it('waits for as long as it is told when it asks too often, not less, and then is served', async () => {
    const { key, secret } = await system.admin.createKey({ limits: { requests_per_minute: 1 } });
    const start = Date.now();
    const first = await ask(system, secret, 'hello');
    const wire = newWire();
    jest.useFakeTimers({ doNotFake: everythingBut('setTimeout', 'clearTimeout') });
    const asking = ask(system, secret, 'hello again', wire);
    await nextTimer(() => wire.statuses.length === 1);
    const [seconds] = wire.retryAfter;
    expect(seconds).toBeGreaterThanOrEqual(60 - Math.ceil((Date.now() - start) / 1_000));
    expect(seconds).toBeLessThanOrEqual(60);
    await jest.advanceTimersByTimeAsync(seconds! * 1_000 - 1);
    expect(wire.statuses).toEqual([429]);
    await system.passUntil(new Date(start + seconds! * 1_000 + (Date.now() - start)));
    await jest.advanceTimersByTimeAsync(1);
    const second = await asking;
    expect(wire.statuses).toEqual([429, 200]);
    jest.useRealTimers();
    await metered(key.id, first + second);
    await system.moveClocksTo(new Date());
  });

  it('tries again what failed at the provider, and each attempt of the gateway is metered once', async () => {
    const { key, secret } = await system.admin.createKey();
    const wire = newWire();
    // The gateway tries twice each time that the client does.
    const told = { status: 503, fail_first: 3, completion_tokens: 7 };
    const tokens = await ask(system, secret, `${key.id} ${fake(told)}`, wire);
    expect(wire.statuses).toEqual([503, 200]);
    await metered(key.id, tokens);
    await eventually(async () => expect((await system.admin.overview(key.id)).meter.requests).toBe(4));
  });

  it('throws its own class of error for each refusal', async () => {
    const { key, secret } = await system.admin.createKey();
    const failing = (told: object) => thrown(ask(system, secret, `${key.id} ${fake(told)}`));
    expect(await thrown(ask(system, 'tg_nobody', 'hello'))).toBeInstanceOf(errors.AuthenticationError);
    expect(await failing({ status: 400 })).toBeInstanceOf(errors.BadRequestError);
    expect(await failing({ status: 404 })).toBeInstanceOf(errors.NotFoundError);
    expect(await failing({ status: 422 })).toBeInstanceOf(errors.UnprocessableEntityError);
    expect(await failing({ reset: 'before_headers' })).toBeInstanceOf(errors.InternalServerError);
    await system.admin.patch(key.id, { enabled: false });
    expect(await thrown(ask(system, secret, 'hello'))).toBeInstanceOf(errors.PermissionDeniedError);
  });
});

describe('the stock clients stream', () => {
  let system: System;
  let key: { id: string };
  let secret: string;

  beforeAll(async () => {
    system = await System.start('stock-streams');
  });
  afterAll(() => system?.stop());
  beforeEach(async () => {
    ({ key, secret } = await system.admin.createKey());
  });

  const metered = async (tokens: number) =>
    eventually(async () => expect((await system.admin.overview(key.id)).meter.tokens).toBe(tokens));

  it('chat completions, with the usage that was asked for', async () => {
    const stream = openAi(system, secret).chat.completions.stream({
      model: GPT,
      messages: user(`hello ${fake({ completion_tokens: 9 })}`),
      stream_options: { include_usage: true },
    });
    const deltas: string[] = [];
    stream.on('content', (delta) => deltas.push(delta));
    const { choices, usage } = await stream.finalChatCompletion();
    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: deltas.join('') } });
    expect(usage?.completion_tokens).toBe(9);
    await metered(usage!.total_tokens);
  });

  it('chat completions, without usage where it was not asked for, metered all the same', async () => {
    system.provider.clearLog();
    const content = `hello ${fake({ completion_tokens: 9 })}`;
    const stream = openAi(system, secret).chat.completions.stream({ model: GPT, messages: user(content) });
    const { usage } = await stream.finalChatCompletion();
    expect(usage ?? null).toBeNull();
    const [served] = await system.provider.log({ wait: 1 });
    await metered(served!.prompt_tokens + 9);
  });

  it('responses', async () => {
    const stream = openAi(system, secret).responses.stream({
      model: GPT,
      input: `hello ${fake({ completion_tokens: 9 })}`,
    });
    let deltas = '';
    for await (const event of stream) if (event.type === 'response.output_text.delta') deltas += event.delta;
    const { output_text, usage } = await stream.finalResponse();
    expect(output_text).toBe(deltas);
    await metered(usage!.total_tokens);
  });

  it("Anthropic's messages, also to a client that sends its key as x-api-key", async () => {
    const request = {
      model: CLAUDE,
      max_tokens: 100,
      messages: user(`hello ${fake({ completion_tokens: 9 })}`),
    };
    const stream = anthropic(system, secret).messages.stream(request);
    let deltas = '';
    stream.on('text', (delta) => (deltas += delta));
    const { usage, stop_reason } = await stream.finalMessage();
    expect([stop_reason, await stream.finalText()]).toEqual(['end_turn', deltas]);
    const older = await fetch(`${system.gatewayUrl}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': secret, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    expect(older.status).toBe(200);
    await metered(2 * (usage.input_tokens + usage.output_tokens));
  });

  it('embeddings and models come whole', async () => {
    const client = openAi(system, secret);
    const { data, usage } = await client.embeddings.create({
      model: 'text-embedding-3-small',
      input: 'hello',
    });
    expect(data[0]?.embedding).toHaveLength(8);
    await metered(usage.total_tokens);
    const models: string[] = [];
    for await (const { id } of client.models.list()) models.push(id);
    expect(models).toContain(GPT);
    const claude: string[] = [];
    for await (const { id } of anthropic(system, secret).models.list()) claude.push(id);
    expect(claude).toContain(CLAUDE);
  });

  it('an error within a stream is thrown by both', async () => {
    const told = fake({ error_after: 3, completion_tokens: 9 });
    const chat = openAi(system, secret).chat.completions.stream({ model: GPT, messages: user(told) });
    await expect(chat.finalChatCompletion()).rejects.toBeInstanceOf(OpenAI.APIError);
    const messages = { model: CLAUDE, max_tokens: 100, messages: user(told) };
    const claude = anthropic(system, secret).messages.stream(messages);
    await expect(claude.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIError);
  });
});

const TIMED = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;
/** Only the client sleeps by these: the processes of the system have their own. */
const everythingBut = (...faked: (typeof TIMED)[number][]) => TIMED.filter((name) => !faked.includes(name));

/** Resolves when, after `happened`, the client has begun to sleep. */
async function nextTimer(happened: () => boolean): Promise<void> {
  while (!happened() || jest.getTimerCount() === 0) await new Promise(setImmediate);
}
