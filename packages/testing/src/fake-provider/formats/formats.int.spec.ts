import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { type FakeProvider, type Instruction, startFakeProvider } from '../start.ts';
import { promptTokens } from '../usage.ts';

const told = (behaviour: Instruction, text = 'Hello') => `${text} [[fake:${JSON.stringify(behaviour)}]]`;
const user = (content: string) => [{ role: 'user' as const, content }];
const CLASSES = { completion_tokens: 9, cached_tokens: 5, cache_write_tokens: 3, reasoning_tokens: 4 };

let provider: FakeProvider;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  provider = await startFakeProvider();
  const settings = { apiKey: 'fake-provider-key', maxRetries: 0, timeout: 10_000 };
  openai = new OpenAI({ ...settings, baseURL: `${provider.url}/v1` });
  anthropic = new Anthropic({ ...settings, baseURL: provider.url });
});
afterAll(() => provider.stop());

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}
const as = (requestId: string) => ({ headers: { 'x-request-id': requestId } });
const reported = async (request_id: string) =>
  (await provider.log({ request_id, wait: 1 }))[0]?.reported_tokens;
const classes = (prompt: number) => ({
  input: prompt - 8,
  cached_input: 5,
  cache_write: 3,
  output: 9,
  reasoning: 4,
  total: prompt + 9,
});

describe('chat completions', () => {
  it('report the classes of tokens that were asked for, and show no reasoning', async () => {
    const messages = user(told(CLASSES));
    const answer = await openai.chat.completions.create({ model: 'gpt-5', messages }, as('chat'));
    expect(answer.choices[0]?.message.content?.split(' ')).toHaveLength(5);
    expect(answer.usage).toMatchObject({
      prompt_tokens: promptTokens(messages),
      completion_tokens: 9,
      prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 4 },
    });
    expect(await reported('chat')).toEqual(classes(promptTokens(messages)));
  });

  it('heed a cap unless told not to', async () => {
    const ask = (behaviour: Instruction) =>
      openai.chat.completions.create({ model: 'gpt-5', messages: user(told(behaviour)), max_tokens: 5 });
    expect((await ask({ completion_tokens: 9 })).usage?.completion_tokens).toBe(5);
    const heedless = await ask({ completion_tokens: 9, ignore_cap: true });
    expect(heedless.usage?.completion_tokens).toBe(9);
    expect(heedless.choices[0]?.finish_reason).toBe('stop');
  });
});

describe('completions', () => {
  it('answer each prompt, whole and streamed alike', async () => {
    const request = { model: 'gpt-3.5-turbo-instruct', prompt: ['One', 'Two'], max_tokens: 5 };
    const whole = await openai.completions.create(request);
    expect(whole.choices.map(({ finish_reason }) => finish_reason)).toEqual(['length', 'length']);
    expect(whole.usage).toMatchObject({
      prompt_tokens: promptTokens([...user('One'), ...user('Two')]),
      completion_tokens: 10,
    });
    const stream = await openai.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await collect(stream);
    const text = (index: number) =>
      chunks
        .flatMap(({ choices }) => choices)
        .filter((choice) => choice.index === index)
        .map((choice) => choice.text)
        .join('');
    expect([text(0), text(1)]).toEqual(whole.choices.map((choice) => choice.text));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  });
});

describe('embeddings', () => {
  it('are the same for the same text, in numbers or in base64, and cost their input alone', async () => {
    const request = { model: 'text-embedding-3-small', input: ['One', 'Two', 'One'], dimensions: 4 };
    const inNumbers = await openai.embeddings.create({ ...request, encoding_format: 'float' }, as('embed'));
    const inBase64 = await openai.embeddings.create(request);
    const vectors = inNumbers.data.map(({ embedding }) => embedding);
    expect(inBase64.data.map(({ embedding }) => embedding)).toEqual(vectors);
    expect(vectors[2]).toEqual(vectors[0]);
    expect(vectors[1]).not.toEqual(vectors[0]);
    expect(vectors[0]).toHaveLength(4);
    expect(inNumbers.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
    expect(await reported('embed')).toMatchObject({ input: 3, output: 0, total: 3 });
  });

  it('count token numbers one by one, and take a directive in their text', async () => {
    const ask = (input: string | number[]) =>
      openai.embeddings.create({ model: 'text-embedding-3-small', input });
    expect((await ask([1, 2, 3])).usage.prompt_tokens).toBe(3);
    await expect(ask(told({ status: 503 }))).rejects.toMatchObject({ status: 503 });
  });
});

describe('responses', () => {
  it('report the classes of tokens that were asked for', async () => {
    const input = told(CLASSES);
    const answer = await openai.responses.create({ model: 'gpt-5', input, instructions: 'Be brief.' });
    const prompt = promptTokens([{ role: 'system', content: 'Be brief.' }, ...user(input)]);
    expect(answer).toMatchObject({ status: 'completed', incomplete_details: null });
    expect(answer.output_text.split(' ')).toHaveLength(5);
    expect(answer.usage).toEqual({
      input_tokens: prompt,
      input_tokens_details: { cached_tokens: 5, cache_write_tokens: 3 },
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 4 },
      total_tokens: prompt + 9,
    });
  });

  it('stream what they say whole, and are incomplete at their cap', async () => {
    const request = { model: 'gpt-5', input: user('Hello'), max_output_tokens: 3 };
    const whole = await openai.responses.create(request);
    expect(whole).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { output_tokens: 3 },
    });
    const stream = openai.responses.stream(request, as('responses'));
    const events = await collect(stream);
    expect((await stream.finalResponse()).output_text).toBe(whole.output_text);
    expect(events.map(({ type }) => type).slice(-4)).toEqual([
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.incomplete',
    ]);
    expect(events.map((event) => (event as { sequence_number: number }).sequence_number)).toEqual(
      events.map((_, index) => index),
    );
    expect(await reported('responses')).toMatchObject({ output: 3 });
  });
});

describe("Anthropic's messages", () => {
  const request = { model: 'claude-haiku-4-5', max_tokens: 100, messages: user('Hello') };

  it('report the classes of tokens that were asked for, input without what was cached', async () => {
    const messages = user(told(CLASSES));
    const answer = await anthropic.messages.create(
      { ...request, messages, system: 'Be brief.' },
      as('claude'),
    );
    const prompt = promptTokens([{ role: 'system', content: 'Be brief.' }, ...messages]);
    expect(answer.usage).toMatchObject({
      input_tokens: prompt - 8,
      cache_read_input_tokens: 5,
      cache_creation_input_tokens: 3,
      output_tokens: 9,
    });
    expect(await reported('claude')).toEqual(classes(prompt));
  });

  it('stream what they say whole, with the usage at the start and at the end', async () => {
    const whole = await anthropic.messages.create({ ...request, max_tokens: 4 });
    expect(whole).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 4 } });
    const stream = anthropic.messages.stream({ ...request, max_tokens: 4 });
    const events = await collect(stream);
    const final = await stream.finalMessage();
    expect([final.content, final.usage]).toEqual([whole.content, whole.usage]);
    expect(events.map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      ...Array(4).fill('content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  it("fail in Anthropic's shape, before the stream and within it", async () => {
    const other = new Anthropic({ apiKey: 'tg_a_callers_own', baseURL: provider.url, maxRetries: 0 });
    await expect(other.messages.create(request)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    const busy = anthropic.messages.create({
      ...request,
      messages: user(told({ status: 429, retry_after: 3 })),
    });
    await expect(busy).rejects.toMatchObject({
      status: 429,
      error: { type: 'error', error: { type: 'rate_limit_error' } },
    });
    const messages = user(told({ error_after: 2 }));
    const stream = await anthropic.messages.create(
      { ...request, messages, stream: true },
      as('claude-error'),
    );
    await expect(collect(stream)).rejects.toMatchObject({
      error: { type: 'error', error: { type: 'overloaded_error' } },
    });
    expect((await provider.log({ request_id: 'claude-error', wait: 1 }))[0]).toMatchObject({
      outcome: 'error',
      status: 200,
      completion_tokens: 2,
      reported_usage: { output_tokens: 1 },
      reported_tokens: null,
      header_names: expect.arrayContaining(['anthropic-version']),
    });
  });

  it.each(['x-api-key', 'authorization'])(
    'take the credential as %s, and no request without a version',
    async (name) => {
      const credential = name === 'x-api-key' ? 'fake-provider-key' : 'Bearer fake-provider-key';
      const status = async (headers: Record<string, string>) => {
        const init = { method: 'POST', headers, body: JSON.stringify(request) };
        return (await fetch(`${provider.url}/v1/messages`, init)).status;
      };
      expect(await status({ [name]: credential, 'anthropic-version': '2023-06-01' })).toBe(200);
      expect(await status({ [name]: `${credential}x`, 'anthropic-version': '2023-06-01' })).toBe(401);
      expect(await status({ [name]: credential })).toBe(400);
    },
  );

  it('are listed to those who say which version they speak', async () => {
    expect((await collect(anthropic.models.list())).map(({ id }) => id)).toContain(request.model);
  });
});
