import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdminClient } from './client.ts';
import { everyItem } from './pages.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let server: Server;
let answer: (seen: Seen, res: ServerResponse) => void;
const seen: Seen[] = [];

beforeAll((done) => {
  server = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    const one = { method: req.method, url: req.url, headers: req.headers, body };
    seen.push(one);
    answer(one, res);
  }).listen(0, '127.0.0.1', done);
});
afterAll((done) => {
  server.closeAllConnections();
  server.close(done);
});
beforeEach(() => {
  seen.length = 0;
});

const baseUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const client = () => createAdminClient({ baseUrl: baseUrl(), adminKey: 'tga_spec' });
const json = (res: ServerResponse, body: object, status = 200, headers = {}) =>
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

it('sends ids, queries, bodies and versions where the routes have them', async () => {
  answer = (_, res) => json(res, { id: 'key_1' });
  await client().keys.update({ id: 'key_1/x', body: { owner: null }, ifMatch: 3 });
  await client().keys.list({ query: { team_id: 'team_1', limit: 2, metadata: ['a:1', 'b:2'] } });
  await client().webhooks.retry({ id: 'whk_1', delivery_id: 'dlv_1' });
  await client().organization.get();
  expect(seen.map(({ method, url }) => [method, url])).toEqual([
    ['PATCH', '/v1/keys/key_1%2Fx'],
    ['GET', '/v1/keys?team_id=team_1&limit=2&metadata=a%3A1&metadata=b%3A2'],
    ['POST', '/v1/webhooks/whk_1/deliveries/dlv_1/retry'],
    ['GET', '/v1/organization'],
  ]);
  expect(seen[0]).toMatchObject({
    body: '{"owner":null}',
    headers: { authorization: 'Bearer tga_spec', 'if-match': '"3"', 'content-type': 'application/json' },
  });
});

it('throws what the API said, with the field and when to try again', async () => {
  const error = {
    message: 'limits.tokens: must be …',
    type: 't',
    code: 'invalid_field',
    param: 'limits.tokens',
  };
  answer = (_, res) => json(res, { error }, 422, { 'retry-after': '7' });
  await expect(client().keys.get({ id: 'key_1' })).rejects.toMatchObject({
    ...{ status: 422, code: 'invalid_field', param: 'limits.tokens', retryAfterSeconds: 7 },
    message: error.message,
  });
  answer = (_, res) => res.writeHead(502).end('<html>');
  await expect(client().keys.get({ id: 'key_1' })).rejects.toMatchObject({ status: 502, code: 'unexpected' });
});

it('makes a creation that got no answer again, as the same; anything else that changes something it does not', async () => {
  answer = (_, res) => (seen.length < 3 ? void res.destroy() : void json(res, { key: {} }, 201));
  await client().keys.create({ body: { name: 'a' } });
  const sent = seen.map(({ headers }) => headers['idempotency-key']);
  expect([sent.length, new Set(sent).size]).toEqual([3, 1]);
  seen.length = 0;
  answer = (_, res) => void res.destroy();
  await expect(client().keys.revoke({ id: 'key_1' })).rejects.toMatchObject({
    code: 'unreachable',
    status: 0,
  });
  expect(seen).toHaveLength(1);
});

it('ends when it is told to', async () => {
  answer = () => undefined;
  const aborted = client().keys.list({ signal: AbortSignal.timeout(20) });
  await expect(aborted).rejects.toThrow('timeout');
});

it('reads a list to its end, page by page', async () => {
  answer = ({ url }, res) =>
    json(
      res,
      url!.includes('cursor=2') ? { data: [3], next_cursor: null } : { data: [1, 2], next_cursor: '2' },
    );
  const items: unknown[] = [];
  for await (const item of everyItem((cursor) => client().keys.list({ query: { cursor } }))) items.push(item);
  expect(items).toEqual([1, 2, 3]);
});
