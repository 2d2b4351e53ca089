import { createHash } from 'node:crypto';
import OpenAI from 'openai';
import { type FakeProvider, type Instruction, startFakeProvider } from './start.ts';
import { promptTokens } from './usage.ts';

const MODEL = 'gpt-4o-mini';
const told = (behaviour: Instruction, text = 'Hello') => [
  { role: 'user' as const, content: `${text} [[fake:${JSON.stringify(behaviour)}]]` },
];
const hello = [{ role: 'user' as const, content: 'Hello' }];

let provider: FakeProvider;
let openai: OpenAI;
const clientWith = (apiKey: string) =>
  new OpenAI({ baseURL: `${provider.url}/v1`, apiKey, maxRetries: 0, timeout: 10_000 });

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}

/** The log's line of the one request that carried this `x-request-id`, once it has ended. */
async function logged(request_id: string) {
  const [entry] = await provider.log({ request_id, wait: 1 });
  return entry;
}
const as = (requestId: string) => ({
  headers: { 'x-request-id': requestId, 'x-tollgate-attempt': '1' },
});

beforeAll(async () => {
  provider = await startFakeProvider();
  openai = clientWith('fake-provider-key');
});
afterAll(() => provider.stop());

describe('the official client gets from the fake provider', () => {
  it('a completion with deterministic text and usage', async () => {
    const ask = () => openai.chat.completions.create({ model: MODEL, messages: hello });
    const [one, two] = [await ask(), await ask()];
    expect(one.choices[0]?.message.content).toMatch(/^This is the fake provider's answer to prompt/);
    expect(two.choices).toEqual(one.choices);
    const words = one.choices[0]?.message.content?.split(' ').length;
    expect(one.usage).toMatchObject({ prompt_tokens: promptTokens(hello), completion_tokens: words });
    expect(one.usage?.total_tokens).toBe(promptTokens(hello) + (words ?? 0));
    expect(two.id).not.toBe(one.id);
  });

  it.each(['max_tokens', 'max_completion_tokens'] as const)('no more tokens than %s allows', async (cap) => {
    const answer = await openai.chat.completions.create({ model: MODEL, messages: hello, [cap]: 3 });
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { content: 'This is the' },
    });
    expect(answer.usage?.completion_tokens).toBe(3);
  });

  it('every choice asked for, and the tokens of all of them', async () => {
    const answer = await openai.chat.completions.create({
      model: MODEL,
      messages: hello,
      n: 2,
      max_tokens: 5,
    });
    expect(answer.choices.map(({ index }) => index)).toEqual([0, 1]);
    expect(answer.usage?.completion_tokens).toBe(10);
  });

  it('a stream that spells out the same text, with the usage last where it is asked for', async () => {
    const whole = await openai.chat.completions.create({ model: MODEL, messages: hello });
    const stream = await openai.chat.completions.create({
      model: MODEL,
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await collect(stream);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
      whole.choices[0]?.message.content,
    );
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  it('a stream without usage where it is not asked for', async () => {
    const stream = await openai.chat.completions.create({ model: MODEL, messages: hello, stream: true });
    const chunks = await collect(stream);
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
  });

  it('the list of models', async () => {
    const models = await collect(openai.models.list());
    expect(models.map(({ id }) => id)).toContain(MODEL);
  });

  it('401 for any credential but the configured one, which the log knows again by its digest', async () => {
    const leaked = clientWith('tg_a_callers_own');
    const request = leaked.chat.completions.create({ model: MODEL, messages: hello }, as('req_leak'));
    await expect(request).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
    expect(await logged('req_leak')).toMatchObject({
      outcome: 'error',
      status: 401,
      prompt_tokens: 0,
      authorization_sha256: createHash('sha256').update('Bearer tg_a_callers_own').digest('hex'),
    });
  });

  it('400 for a body that is not understood, naming the parameter', async () => {
    await expect(
      openai.chat.completions.create({ model: MODEL, messages: hello, max_tokens: 0 }),
    ).rejects.toMatchObject({ status: 400, param: 'max_tokens' });
    await expect(
      openai.chat.completions.create({ model: MODEL, messages: told({ status: 200 }) }),
    ).rejects.toMatchObject({ status: 400, code: 'invalid_directive' });
  });
});

describe('a request can be told to meet', () => {
  it('a longer answer', async () => {
    const messages = told({ completion_tokens: 50 });
    const { usage } = await openai.chat.completions.create({ model: MODEL, messages });
    expect(usage).toMatchObject({ prompt_tokens: promptTokens(messages), completion_tokens: 50 });
  });

  it('an error with its body and the seconds to wait', async () => {
    const error = {
      error: { message: 'Slow down', type: 'tokens', code: 'rate_limit_exceeded', param: null },
    };
    const messages = told({ status: 429, error, retry_after: 7 });
    const failed = await openai.chat.completions.create({ model: MODEL, messages }).catch((reason) => reason);
    expect(failed).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect(failed.headers.get('retry-after')).toBe('7');
  });

  it('other usage than the true one, or none', async () => {
    const absurd = { prompt_tokens: -1, completion_tokens: 'many' };
    const ask = (usage: unknown) =>
      openai.chat.completions.create(
        { model: MODEL, messages: told({ usage }) },
        as(`req_usage_${typeof usage}`),
      );
    expect((await ask(absurd)).usage).toEqual(absurd);
    expect(await ask(null)).not.toHaveProperty('usage');
    const entries = await provider.log({ request_id: 'req_usage_object', wait: 2 });
    expect(entries.map(({ reported_usage }) => reported_usage)).toEqual([absurd, null]);
    expect(entries[0]?.completion_tokens).toBeGreaterThan(0);
  });

  it.each([
    ['before the headers', { reset: 'before_headers' }, false, 0],
    ['in the middle of a body', { reset: 'mid_body', completion_tokens: 9 }, false, 9],
    ['in the middle of a stream', { reset: 'mid_stream', completion_tokens: 8 }, true, 4],
    ['after some chunks', { reset: 'mid_stream', truncate_after_chunks: 2 }, true, 2],
  ] as const)('a reset %s', async (when, behaviour, stream, generated) => {
    const id = `req_reset_${when}`;
    const tokens: string[] = [];
    const read = async () => {
      const body = { model: MODEL, messages: told(behaviour) };
      if (!stream) return openai.chat.completions.create(body, as(id));
      for await (const chunk of await openai.chat.completions.create({ ...body, stream }, as(id))) {
        tokens.push(chunk.choices[0]?.delta.content || '');
      }
    };
    await expect(read()).rejects.toThrow();
    expect(await logged(id)).toMatchObject({ outcome: 'reset', completion_tokens: generated });
    // A client may drop what it has received and not yet read when a reset arrives.
    expect(tokens.filter(Boolean).length).toBeLessThanOrEqual(generated);
  });

  it('a stream that ends early and in good order', async () => {
    const stream = await openai.chat.completions.create(
      {
        model: MODEL,
        messages: told({ truncate_after_chunks: 3 }),
        stream: true,
        stream_options: { include_usage: true },
      },
      as('req_truncated'),
    );
    const chunks = await collect(stream);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content)).toEqual(['', 'This', ' is', ' the']);
    expect(await logged('req_truncated')).toMatchObject({
      outcome: 'truncated',
      completion_tokens: 3,
      reported_usage: null,
    });
  });

  it('delays before the answer, before its first byte and between its chunks', async () => {
    const messages = told({
      delay_ms: 60,
      first_byte_delay_ms: 60,
      chunk_delay_ms: 20,
      completion_tokens: 5,
    });
    const start = performance.now();
    const stream = await openai.chat.completions.create({ model: MODEL, messages, stream: true });
    const headers_ms = performance.now() - start;
    await collect(stream);
    expect(headers_ms).toBeGreaterThanOrEqual(58);
    expect(performance.now() - start).toBeGreaterThanOrEqual(58 + 58 + 6 * 18);
  });
});

describe('the log tells', () => {
  it('what was served, by request id and attempt, with the digest of the body', async () => {
    const body = {
      model: MODEL,
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
    } as const;
    await collect(await openai.chat.completions.create(body, as('req_served')));
    const entry = await logged('req_served');
    expect(entry).toMatchObject({
      request_id: 'req_served',
      attempt: '1',
      model: MODEL,
      streamed: true,
      outcome: 'served',
      status: 200,
      prompt_tokens: promptTokens(hello),
      body_sha256: createHash('sha256').update(JSON.stringify(body)).digest('hex'),
    });
    expect(entry?.reported_usage).toMatchObject({ completion_tokens: entry?.completion_tokens });
    expect(JSON.stringify(entry)).not.toContain('fake-provider-key');
  });

  it('that a caller hung up in an endless stream, and how far it had got', async () => {
    const stream = await openai.chat.completions.create(
      { model: MODEL, messages: told({ completion_tokens: 1_000_000_000, chunk_delay_ms: 1 }), stream: true },
      as('req_gone'),
    );
    let read = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content) read += 1;
      if (read === 5) break;
    }
    const entry = await logged('req_gone');
    expect(entry).toMatchObject({ outcome: 'aborted_by_client', streamed: true });
    expect(entry?.completion_tokens).toBeGreaterThanOrEqual(5);
  });

  it('that a request is in flight, and that its caller hung up before the answer', async () => {
    const hangUp = new AbortController();
    const request = openai.chat.completions.create(
      { model: MODEL, messages: told({ delay_ms: 600_000 }) },
      { ...as('req_slow'), signal: hangUp.signal },
    );
    request.catch(() => {});
    const [entry] = await provider.log({ state: 'in_flight', request_id: 'req_slow', wait: 1 });
    expect(entry).toMatchObject({ outcome: 'in_flight', ended_at: null });
    hangUp.abort();
    await expect(request).rejects.toThrow();
    expect(await logged('req_slow')).toMatchObject({ outcome: 'aborted_by_client', completion_tokens: 0 });
    expect(await provider.log({ state: 'in_flight', request_id: 'req_slow' })).toEqual([]);
  });
});
