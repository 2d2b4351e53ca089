import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type FakeProvider, type Instruction, startFakeProvider } from './start.ts';

let provider: FakeProvider;
beforeEach(async () => {
  provider = await startFakeProvider();
});
afterEach(() => provider.stop());

const headers = { authorization: 'Bearer fake-provider-key', 'x-request-id': 'req' };
const ask = (behaviour: Instruction, fields: object = {}, init: RequestInit = {}) =>
  fetch(`${provider.url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: `Hello [[fake:${JSON.stringify(behaviour)}]]` }],
      ...fields,
    }),
    ...init,
  });
const streamed = { stream: true, stream_options: { include_usage: true } };
const logged = async () => (await provider.log({ request_id: 'req', wait: 1 })).at(-1);
const dataOf = (text: string) =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)));

describe('the usage of a provider can be', () => {
  it('reported twice in a stream', async () => {
    const chunks = dataOf(await (await ask({ usage_twice: true }, streamed)).text());
    expect(chunks.filter(({ usage }) => usage)).toHaveLength(2);
    expect(chunks.at(-1)).toEqual(chunks.at(-2));
  });

  it.each(['null', 'NaN', '{"prompt_tokens":1e999}'])('the text %s, JSON or not', async (usage_text) => {
    expect(await (await ask({ usage_text })).text()).toContain(`"usage":${usage_text}`);
    expect(await (await ask({ usage_text }, streamed)).text()).toContain(`"usage":${usage_text}}\n\n`);
    expect(await logged()).toMatchObject({ reported_usage: usage_text, reported_tokens: null });
  });
});

describe('a stream can', () => {
  it('tell of an error after so many tokens, and end', async () => {
    const chunks = dataOf(await (await ask({ error_after: 2 }, streamed)).text());
    expect(chunks.map(({ choices, error }) => error?.code ?? choices[0].delta.content)).toEqual([
      '',
      'This',
      ' is',
      'overloaded',
    ]);
    expect(await logged()).toMatchObject({ outcome: 'error', completion_tokens: 2, reported_usage: null });
  });

  it('end in the middle of an event', async () => {
    const text = await (await ask({ cut_mid_event: true, completion_tokens: 8 }, streamed)).text();
    expect(text.endsWith('\n\n')).toBe(false);
    expect(text.match(/\n\n/g)).toHaveLength(1 + 4);
    expect(await logged()).toMatchObject({ outcome: 'truncated', completion_tokens: 4 });
  });

  it.each([streamed, {}])('never end, and neither can a whole answer: %p', async (fields) => {
    const answer = await ask({ infinite: true }, { ...fields, max_tokens: 1 });
    const reader = answer.body!.getReader();
    let bytes = 0;
    while (bytes < 1_048_576) bytes += (await reader.read()).value!.length;
    await reader.cancel();
    const entry = await logged();
    expect(entry).toMatchObject({ outcome: 'aborted_by_client', reported_usage: null });
    expect(entry?.completion_tokens).toBeGreaterThan(1_000);
  });
});

describe('an answer can be', () => {
  it.each([streamed, {}])('compressed, unasked: %p', async (fields) => {
    const answer = await ask({ gzip: true, completion_tokens: 5 }, fields, { headers });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(await answer.text()).toContain('"completion_tokens":5');
  });

  it.each([streamed, {}])('a gzip bomb that is still an answer: %p', async (fields) => {
    const answer = await ask({ gzip_bomb_mib: 32, completion_tokens: 5 }, fields);
    const text = await answer.text();
    expect(text.length).toBeGreaterThan(32 * 1_048_576);
    expect(text.trimStart().slice(-2_000)).toContain('"completion_tokens":5');
  });
});

describe('a provider can', () => {
  it('fail the first attempts of an input and then succeed', async () => {
    const statuses = [];
    const told: Instruction = { fail_first: 2, status: 503, retry_after: 1 };
    for (let n = 0; n < 4; n += 1) statuses.push((await ask(told, { model: `model-${n}` })).status);
    expect(statuses).toEqual([503, 503, 200, 200]);
    expect(await ask({ fail_first: 1, reset: 'before_headers' }).catch(() => 'reset')).toBe('reset');
    expect((await ask({ fail_first: 1, reset: 'before_headers' })).status).toBe(200);
    expect((await provider.log({ wait: 6 })).map(({ outcome }) => outcome)).toEqual([
      'error',
      'error',
      'served',
      'served',
      'reset',
      'served',
    ]);
  });

  it('take a request and never answer it', async () => {
    const leave = new AbortController();
    const asking = ask({ hang: true }, {}, { signal: leave.signal }).catch(() => 'left');
    await provider.log({ state: 'in_flight', wait: 1 });
    leave.abort();
    expect(await asking).toBe('left');
    expect(await logged()).toMatchObject({ outcome: 'aborted_by_client', status: null });
  });

  it('take a connection and never read what is sent on it', async () => {
    provider.control({ half_open: true, times: 1 });
    const socket: Socket = connect(Number(new URL(provider.url).port), '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    const megabytes = 64;
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${megabytes * 1_048_576}\r\n\r\n`,
    );
    await provider.log({ state: 'in_flight', wait: 1 });
    let drained = false;
    socket.once('drain', () => (drained = true));
    socket.write(Buffer.alloc(megabytes * 1_048_576));
    // A second request is answered while the first one's bytes go nowhere.
    expect((await ask({})).status).toBe(200);
    expect(drained).toBe(false);
    socket.destroy();
  });
});
