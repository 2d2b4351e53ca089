import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { deliveryPage, webhookPage, webhookWithSecret } from '@tollgate/contracts/webhooks';
import { freePort } from '@tollgate/dev-stack/ports';
import { newId } from '@tollgate/service-kit/ids';
import { eventually } from '@tollgate/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { ADMIN_ID, type Answer, RunningKeyAdmin } from './running-key-admin.ts';
import { status, WebhookReceiver } from './webhook-receiver.ts';

const EXAMPLE = fileURLToPath(new URL('../../../docs/examples/webhook-receiver.mjs', import.meta.url));

let database: TestDatabase;
let admin: RunningKeyAdmin;
let receiver: WebhookReceiver;

beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await WebhookReceiver.start();
  admin = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix: uniqueTopicPrefix('webhooks-api'),
    env: { TOLLGATE_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1, [::1]:9' },
  });
});
afterAll(async () => {
  expect(await admin.stop()).toBe(0);
  await receiver.stop();
  await database.drop();
});

const refusal = ({ status, body }: Answer) => [status, body.error.code, body.error.param];
const create = async (body: object = {}) => {
  const answer = await admin.call('POST', '/v1/webhooks', { url: receiver.url('/'), ...body });
  expect(answer.status).toBe(201);
  return webhookWithSecret.parse(answer.body);
};
const removeAll = async () => {
  const { data } = (await admin.call('GET', '/v1/webhooks?limit=200')).body;
  for (const { id } of data) await admin.call('DELETE', `/v1/webhooks/${id}`);
};
afterEach(removeAll);

it('a webhook is made, read, changed and deleted, and its secret is shown once', async () => {
  const made = await admin.call('POST', '/v1/webhooks', {
    url: 'https://hooks.example.com/x',
    events: ['limit.warned'],
  });
  expect(made.status).toBe(201);
  expect(made.headers.get('cache-control')).toBe('no-store');
  const { webhook, secret } = webhookWithSecret.parse(made.body);
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(webhook).toMatchObject({ description: null, enabled: true, created_by: ADMIN_ID });
  const path = `/v1/webhooks/${webhook.id}`;
  expect((await admin.call('GET', path)).body).toEqual({ ...webhook, created_by_name: 'bootstrap' });
  const patched = await admin.call('PATCH', path, { description: ' on call ', events: null });
  expect(patched.body).toMatchObject({
    url: webhook.url,
    description: 'on call',
    events: null,
    enabled: true,
  });
  expect((await admin.call('DELETE', path)).body).toEqual({ id: webhook.id, deleted: true });
  for (const [method, at] of [
    ['GET', path],
    ['PATCH', path],
    ['DELETE', path],
    ['POST', `${path}/rotate`],
    ['POST', `${path}/test`],
    ['GET', `${path}/deliveries`],
    ['POST', `${path}/deliveries/${newId('dlv')}/retry`],
    ['GET', '/v1/webhooks/nonsense'],
  ] as const) {
    const body = method === 'PATCH' ? {} : undefined;
    expect([at, ...refusal(await admin.call(method, at, body))]).toEqual([at, 404, 'not_found', null]);
  }
});

it.each<[string, object, string, string]>([
  ['no address', {}, 'invalid_field', 'url'],
  ['a word', { url: 'somewhere' }, 'invalid_field', 'url'],
  ['another protocol', { url: 'ftp://example.com' }, 'invalid_field', 'url'],
  ['plain http', { url: 'http://example.com' }, 'invalid_field', 'url'],
  ['a long address', { url: `https://example.com/${'a'.repeat(2_048)}` }, 'invalid_field', 'url'],
  ['a password', { url: 'https://a:b@example.com' }, 'invalid_field', 'url'],
  ['a fragment', { url: 'https://example.com/#x' }, 'invalid_field', 'url'],
  ['a private address', { url: 'https://10.0.0.1/' }, 'invalid_field', 'url'],
  ['loopback as a number', { url: 'https://2130706434/' }, 'invalid_field', 'url'],
  ['loopback in IPv6', { url: 'https://[::1]/' }, 'invalid_field', 'url'],
  ['IPv4 in IPv6', { url: 'https://[::ffff:10.0.0.1]/' }, 'invalid_field', 'url'],
  ['cloud metadata', { url: 'https://169.254.169.254/latest' }, 'invalid_field', 'url'],
  ['an unknown type', { url: 'https://example.com', events: ['limit.lost'] }, 'invalid_field', 'events.0'],
  ['no types', { url: 'https://example.com', events: [] }, 'invalid_field', 'events'],
  [
    'a type twice',
    { url: 'https://example.com', events: ['key.expiring', 'key.expiring'] },
    'invalid_field',
    'events',
  ],
  ['a secret', { url: 'https://example.com', secret: 'whsec_x' }, 'unknown_field', 'secret'],
  ['NUL', { url: 'https://example.com', description: 'a\0b' }, 'invalid_field', 'description'],
])('%s is refused', async (_, body, code, param) => {
  expect(refusal(await admin.call('POST', '/v1/webhooks', body))).toEqual([422, code, param]);
});

it('unknown fields are refused wherever there are fields', async () => {
  const path = `/v1/webhooks/${(await create()).webhook.id}`;
  for (const [method, at, body] of [
    ['PATCH', path, { created_by: 'me' }],
    ['POST', `${path}/rotate`, { overlap: 1 }],
    ['GET', '/v1/webhooks?page=2', undefined],
    ['GET', `${path}/deliveries?page=2`, undefined],
  ] as const) {
    expect([at, refusal(await admin.call(method, at, body)).slice(0, 2)]).toEqual([
      at,
      [422, 'unknown_field'],
    ]);
  }
});

it('there are at most 20 webhooks, also of those who make them at the same time', async () => {
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, i) => admin.call('POST', '/v1/webhooks', { url: receiver.url(`/${i}`) })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(20).fill(201), ...Array(4).fill(409)]);
  const seen: string[] = [];
  for (let cursor = ''; ; ) {
    const page = webhookPage.parse((await admin.call('GET', `/v1/webhooks?limit=7${cursor}`)).body);
    seen.push(...page.data.map(({ id }) => id));
    if (!page.next_cursor) break;
    cursor = `&cursor=${page.next_cursor}`;
  }
  expect(seen).toHaveLength(20);
  expect(seen).toEqual([...new Set(seen)].sort().reverse());
  expect(refusal(await admin.call('GET', '/v1/webhooks?cursor=nonsense'))).toEqual([
    422,
    'invalid_field',
    'cursor',
  ]);
});

describe('a test', () => {
  it('is sent at once and answers what the receiver did', async () => {
    const { webhook } = await create({ enabled: false });
    receiver.answer('/', status(202, {}, 'thank you'));
    const answer = await admin.call('POST', `/v1/webhooks/${webhook.id}/test`);
    expect(answer.status).toBe(200);
    expect(answer.body.delivery).toMatchObject({
      webhook_id: webhook.id,
      type: 'webhook.test',
      state: 'delivered',
      attempts: [{ status: 202, response: 'thank you', error: null, ms: expect.any(Number) }],
    });
    expect(receiver.received.at(-1)!.message).toMatchObject({
      type: 'webhook.test',
      data: { webhook_id: webhook.id },
    });
  });

  it.each([
    [
      'a name that resolves to a private address',
      'https://localhost:1/',
      /localhost must be a public address/,
    ],
    ['a name that nobody has', 'https://nowhere.invalid/', /nowhere\.invalid/],
    ['a port that is closed', 'http://127.0.0.1:1/', /ECONNREFUSED/],
  ])('says what is wrong with %s', async (_, url, message) => {
    const { webhook } = await create({ url });
    const { body } = await admin.call('POST', `/v1/webhooks/${webhook.id}/test`);
    expect(body.delivery).toMatchObject({ state: 'failed', attempts: [{ status: null, response: null }] });
    expect(body.delivery.attempts[0].error).toMatch(message);
  });

  it('shows no more than 1 KiB of the answer', async () => {
    const { webhook } = await create();
    receiver.answer('/', (response) => {
      response.writeHead(200);
      const more = () =>
        void (response.write('x'.repeat(65_536)) ? setImmediate(more) : response.once('drain', more));
      more();
    });
    const { body } = await admin.call('POST', `/v1/webhooks/${webhook.id}/test`);
    expect(body.delivery.attempts[0].response).toBe('x'.repeat(1_024));
  });
});

it('deliveries are listed in pages, by state, and can be sent again', async () => {
  const { webhook } = await create();
  const path = `/v1/webhooks/${webhook.id}`;
  receiver.answer('/', status(500));
  const made: string[] = [];
  for (let i = 0; i < 5; i += 1) made.unshift((await admin.call('POST', `${path}/test`)).body.delivery.id);
  const first = deliveryPage.parse((await admin.call('GET', `${path}/deliveries?limit=3`)).body);
  const rest = (await admin.call('GET', `${path}/deliveries?limit=3&cursor=${first.next_cursor}`)).body;
  expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(made);
  expect(rest.next_cursor).toBeNull();
  const failed = (await admin.call('GET', `${path}/deliveries?state=failed`)).body.data;
  expect(failed.map(({ id }: { id: string }) => id)).toEqual([made[4]]);
  const missing = await admin.call('POST', `${path}/deliveries/${newId('dlv')}/retry`);
  expect(refusal(missing)).toEqual([404, 'not_found', null]);
});

it('the example in the docs takes what is genuine, once, and refuses the rest', async () => {
  const port = await freePort();
  const { webhook, secret } = await create({ url: `http://127.0.0.1:${port}/` });
  const env = { PATH: process.env['PATH'], PORT: `${port}`, WEBHOOK_SECRET: secret };
  const example = spawn(process.execPath, [EXAMPLE], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines: string[] = [];
    const reader = createInterface({ input: example.stdout });
    reader.on('line', (line) => lines.push(line));
    await once(reader, 'line');
    const { body } = await admin.call('POST', `/v1/webhooks/${webhook.id}/test`);
    expect(body.delivery).toMatchObject({ state: 'delivered', attempts: [{ status: 204 }] });
    await eventually(() => expect(lines.at(-1)).toContain('webhook.test'));
    const forged = await fetch(webhook.url, {
      method: 'POST',
      body: '{}',
      headers: { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' },
    });
    expect(forged.status).toBe(401);
  } finally {
    example.kill('SIGKILL');
  }
});
