import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type FakeProvider, startFakeProvider } from './start.ts';

const ask = (url: string, content: string, requestId: string) =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer fake-provider-key', 'x-request-id': requestId },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] }),
  });
const control = (url: string, body: unknown) =>
  fetch(`${url}/_control`, { method: 'PUT', body: JSON.stringify(body) });
const log = async (url: string, query = '') => {
  const text = await (await fetch(`${url}/_log${query}`)).text();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};

describe('the control API', () => {
  let provider: FakeProvider;
  beforeEach(async () => {
    provider = await startFakeProvider({ logCapacity: 3 });
  });
  afterEach(() => provider.stop());

  it('gives a behaviour to the next requests, or to all until it is taken back', async () => {
    const { url } = provider;
    await control(url, { status: 500 });
    await control(url, { status: 503, times: 1 });
    const statuses = [];
    for (const id of ['a', 'b', 'c']) statuses.push((await ask(url, 'Hello', id)).status);
    expect(statuses).toEqual([503, 500, 500]);
    await control(url, {});
    expect((await ask(url, 'Hello', 'd')).status).toBe(200);
  });

  it('refuses what it does not understand', async () => {
    const answer = await control(provider.url, { delay: 1 });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'invalid_directive' } });
  });

  it('keeps the latest requests, counts those it forgot, and starts anew when told to', async () => {
    const { url } = provider;
    for (const id of ['a', 'b', 'c', 'd', 'e']) await ask(url, 'Hello', id);
    expect((await log(url, '?wait=3')).map(({ request_id }) => request_id)).toEqual(['c', 'd', 'e']);
    expect((await fetch(`${url}/_log`)).headers.get('x-log-forgotten')).toBe('2');
    expect((await log(url, '?request_id=d')).map(({ request_id }) => request_id)).toEqual(['d']);
    await fetch(`${url}/_log`, { method: 'DELETE' });
    expect(await log(url)).toEqual([]);
  });

  it('answers a waiting reader when the request it waits for has ended, and 504 when none does', async () => {
    const { url } = provider;
    const waiting = log(url, '?wait=1&request_id=b');
    await ask(url, 'Hello', 'a');
    await ask(url, 'Hello', 'b');
    expect(await waiting).toMatchObject([{ request_id: 'b', outcome: 'served' }]);
    expect((await fetch(`${url}/_log?wait=9&timeout_ms=20`)).status).toBe(504);
    expect((await fetch(`${url}/_log?wait=many`)).status).toBe(400);
  });

  it('lets a request in flight end when the provider stops, and cuts one that would take too long', async () => {
    const { url } = provider;
    const waiting = fetch(`${url}/_log?wait=9`);
    const short = ask(url, '[[fake:{"delay_ms":50}]]', 'short');
    const long = ask(url, '[[fake:{"delay_ms":600000}]]', 'long').then(
      () => 'answered',
      () => 'cut',
    );
    await provider.log({ state: 'in_flight', wait: 2 });
    await provider.stop(300);
    expect((await short).status).toBe(200);
    expect(await long).toBe('cut');
    expect((await waiting).status).toBe(504);
    const entries = await provider.log({ wait: 2 });
    expect(entries.map(({ request_id, outcome }) => [request_id, outcome])).toEqual([
      ['short', 'served'],
      ['long', 'reset'],
    ]);
    await expect(ask(url, 'Hello', 'late')).rejects.toThrow();
  });
});

describe('the fake provider as a process', () => {
  const main = fileURLToPath(new URL('../../dist/fake-provider-main.js', import.meta.url));
  const start = (env: Record<string, string>): ChildProcess =>
    spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, NODE_OPTIONS: '' } });
  const text = async (stream: NodeJS.ReadableStream | null) => {
    let all = '';
    for await (const part of stream ?? []) all += part;
    return all;
  };

  it('says where it listens, is ready, takes its credential from the environment and stops on SIGTERM', async () => {
    const child = start({ PORT: '0', FAKE_API_KEY: 'another' });
    const exited = once(child, 'exit');
    try {
      const [line] = await once(child.stdout!, 'data');
      const url = /^fake provider listening on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(String(line))?.[1] ?? '';
      expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, missing: [] });
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await ask(url, 'Hello', 'a')).status).toBe(401);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await exited).toEqual([0, null]);
  });

  it('does not start on a wrong setting, naming it', async () => {
    const child = start({ PORT: 'http' });
    const [problems, exit] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(problems).toContain('PORT');
    expect(exit).toEqual([1, null]);
  });

  it('does not start on a busy port, naming it', async () => {
    const provider = await startFakeProvider();
    const { port } = new URL(provider.url);
    const child = start({ PORT: port });
    const [problems, exit] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    await provider.stop();
    expect(problems).toContain(`cannot listen on 127.0.0.1:${port}`);
    expect(exit).toEqual([1, null]);
  });
});
