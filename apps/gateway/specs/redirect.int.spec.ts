import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RunningGateway } from './running-gateway.ts';

const seen: string[] = [];
const servers: Server[] = [];
let gateway: RunningGateway;

async function serve(name: string, location: string | null): Promise<string> {
  const server = createServer((req, res) => {
    seen.push(name);
    req.resume();
    if (location === null) res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    else res.writeHead(307, { location }).end('moved');
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

beforeAll(async () => {
  const elsewhere = await serve('elsewhere', null);
  const moved = await serve('provider', `${elsewhere}/chat/completions`);
  gateway = await RunningGateway.start('redirect', { OPENAI_BASE_URL: moved });
});
afterAll(async () => {
  await gateway?.stop();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

it('a provider that says it has moved is not followed: its credential and the prompt stay where they were meant', async () => {
  const { id, token } = await gateway.newKey();
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    redirect: 'manual',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'secret' }] }),
  });
  expect(answer.ok).toBe(false);
  expect(answer.headers.get('location')).toBeNull();
  const [record] = await gateway.recorded(id, 1);
  expect(record).toMatchObject({ status: 'failed', tokens: { total: 0 } });
  expect(seen).toEqual(['provider']);
});
