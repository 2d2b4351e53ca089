import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Agent } from 'undici';
import { guardedConnector, type LookupAll } from '../src/webhooks/guarded-connector.ts';
import { post } from '../src/webhooks/post.ts';
import { type AllowedHost, ReceiverPolicy } from '../src/webhooks/receiver-policy.ts';

/** A name server of the spec's own, with one answer. */
const resolver =
  (addresses: string[]): LookupAll =>
  (_, __, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );

const server = createServer((socket) => void socket.on('error', () => undefined).destroy());
let connections = 0;
server.on('connection', () => {
  connections += 1;
});
let port: number;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
beforeEach(() => {
  connections = 0;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function send(host: string, lookup: LookupAll, allowed: AllowedHost[] = []) {
  const agent = new Agent({ connect: guardedConnector(new ReceiverPolicy(allowed), 2_000, lookup) });
  const { error } = await post(agent, `http://${host}:${port}/`, {}, '{}', new AbortController().signal);
  await agent.destroy();
  return error;
}

it('a name that resolves to a private address is not connected to', async () => {
  const error = await send('receiver.example', resolver(['127.0.0.1']));
  expect(error).toMatch(/receiver\.example must be a public address, and 127\.0\.0\.1 is not/);
  expect(connections).toBe(0);
});

it('nor one of whose addresses only one is private', async () => {
  const error = await send('receiver.example', resolver(['192.0.2.1', '127.0.0.1']));
  expect(error).toMatch(/must be a public address/);
  expect(connections).toBe(0);
});

it('nor one that resolves to something else a moment later: what is looked at is what is connected to', async () => {
  let asked = 0;
  const lookup: LookupAll = (hostname, options, callback) => {
    asked += 1;
    resolver([asked === 1 ? '127.0.0.1' : '8.8.8.8'])(hostname, options, callback);
  };
  const error = await send('receiver.example', lookup);
  expect(error).toMatch(/127\.0\.0\.1 is not/);
  expect([asked, connections]).toEqual([1, 0]);
});

it('an address as such is not connected to either, however it is written', async () => {
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]']) {
    const error = await send(host, resolver(['127.0.0.1']));
    expect(error).toMatch(/must be a public address/);
  }
  expect(connections).toBe(0);
});

it('what the operator lists is, on the port that is listed', async () => {
  const host = 'receiver.example';
  await send('127.0.0.1', resolver([]), [{ host: '127.0.0.1', port: null }]);
  expect(connections).toBe(1);
  const error = await send(host, resolver(['127.0.0.1']), [{ host, port: '1' }]);
  expect(error).toMatch(/must be a public address/);
  expect(connections).toBe(1);
});
