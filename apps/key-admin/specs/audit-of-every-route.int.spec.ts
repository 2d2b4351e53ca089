import { ALL_ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { AuditAction } from '@tollgate/contracts/audit-http';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import pg from 'pg';
import { ADMIN_KEY, RunningKeyAdmin } from './running-key-admin.ts';

/** Nothing listens there, so that what is sent fails at once. */
const RECEIVER = '127.0.0.1:9';
let database: TestDatabase;
let admin: RunningKeyAdmin;
let db: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix: uniqueTopicPrefix('audited'),
    env: { METERING_URL: 'http://127.0.0.1:9', TOLLGATE_WEBHOOK_ALLOWED_HOSTS: RECEIVER },
  });
  db = new pg.Client({ connectionString: database.url });
  await db.connect();
});
afterAll(async () => {
  await db.end();
  expect(await admin.stop()).toBe(0);
  await database.drop();
});

let names = 0;
const name = () => `audited ${++names}`;
const made = async (path: string, body: object, headers = {}) =>
  (await admin.call('POST', path, body, headers)).body;
const key = async () => (await made('/v1/keys', { name: name() })).key.id as string;
const team = async () => (await made('/v1/teams', { name: name() })).id as string;
const webhook = async () => (await made('/v1/webhooks', { url: `http://${RECEIVER}` })).webhook.id as string;
const delivery = async () => {
  const id = await webhook();
  const { delivery } = await made(`/v1/webhooks/${id}/test`, {});
  return `${id}/deliveries/${delivery.id}`;
};
const cookie = async () => {
  const answer = await admin.call('POST', '/v1/session', { admin_key: ADMIN_KEY });
  return { cookie: answer.headers.get('set-cookie')!.split(';')[0]! };
};

interface Asked {
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
/** Each route that changes something: what it is called with, and what the log then says. */
const CHANGES: Record<string, [AuditAction, () => Promise<Asked>]> = {
  'keys.create': ['key.created', async () => ({ path: '/v1/keys', body: { name: name() } })],
  'keys.bulk': [
    'key.disabled',
    async () => ({ path: '/v1/keys/bulk', body: { action: 'disable', ids: [await key()] } }),
  ],
  'keys.update': ['key.updated', async () => ({ path: `/v1/keys/${await key()}`, body: { owner: 'ann' } })],
  'keys.revoke': ['key.revoked', async () => ({ path: `/v1/keys/${await key()}` })],
  'keys.rotate': ['key.rotated', async () => ({ path: `/v1/keys/${await key()}/rotate` })],
  'keys.reset': ['key.reset', async () => ({ path: `/v1/keys/${await key()}/reset` })],
  'teams.create': ['team.created', async () => ({ path: '/v1/teams', body: { name: name() } })],
  'teams.update': [
    'team.updated',
    async () => ({ path: `/v1/teams/${await team()}`, body: { name: name() } }),
  ],
  'teams.remove': ['team.deleted', async () => ({ path: `/v1/teams/${await team()}` })],
  'teams.reset': ['team.reset', async () => ({ path: `/v1/teams/${await team()}/reset` })],
  'organization.update': [
    'organization.updated',
    async () => ({ path: '/v1/organization', body: { name: name() } }),
  ],
  'organization.reset': ['organization.reset', async () => ({ path: '/v1/organization/reset' })],
  'adminKeys.create': [
    'admin_key.created',
    async () => ({ path: '/v1/admin-keys', body: { name: name(), role: 'viewer' } }),
  ],
  'adminKeys.revoke': [
    'admin_key.revoked',
    async () => {
      const { admin_key } = await made('/v1/admin-keys', { name: name(), role: 'viewer' });
      return { path: `/v1/admin-keys/${admin_key.id}` };
    },
  ],
  'webhooks.create': [
    'webhook.created',
    async () => ({ path: '/v1/webhooks', body: { url: `http://${RECEIVER}` } }),
  ],
  'webhooks.update': [
    'webhook.updated',
    async () => ({ path: `/v1/webhooks/${await webhook()}`, body: { description: 'x' } }),
  ],
  'webhooks.remove': ['webhook.deleted', async () => ({ path: `/v1/webhooks/${await webhook()}` })],
  'webhooks.rotate': ['webhook.rotated', async () => ({ path: `/v1/webhooks/${await webhook()}/rotate` })],
  'webhooks.test': ['webhook.tested', async () => ({ path: `/v1/webhooks/${await webhook()}/test` })],
  'webhooks.retry': [
    'webhook.delivery_retried',
    async () => ({ path: `/v1/webhooks/${await delivery()}/retry` }),
  ],
  'session.create': ['session.opened', async () => ({ path: '/v1/session', body: { admin_key: ADMIN_KEY } })],
  'session.end': ['session.ended', async () => ({ path: '/v1/session', headers: await cookie() })],
};

/** What changes keep; what the relay and the sender do with it later is theirs. */
const KEPT = [
  ...[
    'streams',
    'stream_events',
    'keys',
    'teams',
    'organization',
    'admin_keys',
    'admin_sessions',
    'webhooks',
  ],
  ...['key_creations', 'audit_log', 'audit_head'],
];
async function contents(): Promise<string[]> {
  const tables = KEPT.map((table) => `select '${table}' as name, t::text as row from ${table} t`);
  const deliveries = `select 'webhook_deliveries', id || tried_since::text from webhook_deliveries`;
  const { rows } = await db.query(`${[...tables, deliveries].join(' union all ')} order by 1, 2`);
  return rows.map((row) => `${row.name} ${row.row}`);
}
const entries = async (after: number) =>
  (await db.query('select * from audit_log where sequence > $1 order by sequence', [after])).rows;
const head = async () => Number((await db.query('select sequence from audit_head')).rows[0].sequence);

it('names every route that changes something', () => {
  const changing = ALL_ADMIN_ROUTES.filter(({ method }) => method !== 'GET').map((route) => route.name);
  expect(Object.keys(CHANGES).sort()).toEqual(changing.sort());
});

it.each(Object.entries(CHANGES))(
  '%s leaves one entry, and changes nothing where that cannot be written',
  async (routeName, [action, prepare]) => {
    const { method } = ALL_ADMIN_ROUTES.find((route) => route.name === routeName)!;
    const { path, body, headers } = await prepare();
    // Nobody is trusted to say this, so it is not believed.
    const call = () => admin.call(method, path, body, { 'x-forwarded-for': '203.0.113.7', ...headers });
    const before = await contents();
    await db.query('alter table audit_log add constraint refuses check (false) not valid');
    try {
      expect((await call()).status).toBe(500);
    } finally {
      await db.query('alter table audit_log drop constraint refuses');
    }
    expect(await contents()).toEqual(before);
    const last = await head();
    expect([200, 201]).toContain((await call()).status);
    const [entry, ...more] = await entries(last);
    expect([entry?.action, entry?.address, more]).toEqual([action, '127.0.0.1', []]);
  },
);
