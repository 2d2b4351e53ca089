import { ALL_ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { eventually } from '@tollgate/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import pg from 'pg';
import { type Answer, RunningKeyAdmin } from './running-key-admin.ts';

let database: TestDatabase;
let admin: RunningKeyAdmin;
let db: pg.Client;
let watcher: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix: uniqueTopicPrefix('meet'),
    env: { METERING_URL: 'http://127.0.0.1:9' },
  });
  db = new pg.Client({ connectionString: database.url });
  watcher = new pg.Client({ connectionString: database.url });
  await Promise.all([db.connect(), watcher.connect()]);
});
afterAll(async () => {
  await Promise.all([db.end(), watcher.end()]);
  expect(await admin.stop()).toBe(0);
  await database.drop();
});

async function untilWaiting(count: number): Promise<void> {
  for (;;) {
    const { rows } = await watcher.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length === count) return;
  }
}

/** Starts calls one after the other while something that all of them need is held, and lets it go when all wait. */
async function meet(hold: string, calls: readonly (() => Promise<Answer>)[]): Promise<number[]> {
  await db.query('begin');
  await db.query(hold);
  const answers: Promise<Answer>[] = [];
  for (const call of calls) {
    answers.push(call());
    await untilWaiting(answers.length);
  }
  await db.query('commit');
  return (await Promise.all(answers)).map(({ status }) => status);
}

const HOLD_LOG = 'select 1 from audit_head for update';
const HOLD_WEBHOOKS = 'lock table webhooks in share mode';

it('the end of a team and of an admin key that acts in it wait for each other in one order', async () => {
  const { id: team_id } = (await admin.call('POST', '/v1/teams', { name: 'ending' })).body;
  const { admin_key } = (await admin.call('POST', '/v1/admin-keys', { name: 'a', role: 'owner', team_id }))
    .body;
  const statuses = await meet(HOLD_LOG, [
    () => admin.call('DELETE', `/v1/teams/${team_id}`),
    () => admin.call('DELETE', `/v1/admin-keys/${admin_key.id}`),
  ]);
  expect(statuses).toEqual([200, 200]);
});

it('a change of the organization with its webhooks, and a reset of it, wait for each other in one order', async () => {
  const statuses = await meet(HOLD_LOG, [
    () => admin.call('PATCH', '/v1/organization', { name: 'Acme', webhooks: [{ url: 'https://h.example' }] }),
    () => admin.call('POST', '/v1/organization/reset'),
  ]);
  expect(statuses).toEqual([200, 200]);
});

it.each(['PATCH', 'POST', 'DELETE'])(
  'a %s of one webhook, and a change of them all, wait for each other in one order',
  async (method) => {
    const { webhooks } = (
      await admin.call('PATCH', '/v1/organization', { webhooks: [{ url: 'https://h.example' }] })
    ).body;
    const [{ id }] = webhooks;
    const statuses = await meet(HOLD_WEBHOOKS, [
      () => admin.call('PATCH', '/v1/organization', { webhooks: [{ id, url: 'https://i.example' }] }),
      () => admin.call(method, `/v1/webhooks/${id}${method === 'POST' ? '/rotate' : ''}`, {}),
    ]);
    expect(statuses).toEqual([200, 200]);
  },
);

it.each(ALL_ADMIN_ROUTES.filter(({ versioned }) => versioned).map((route) => [route.name, route] as const))(
  '%s does nothing to another version than the one that was seen',
  async (_, { method, path, resource }) => {
    const { key } = (await admin.call('POST', '/v1/keys', { name: `seen ${path} ${method}` })).body;
    const id = resource === 'keys' ? key.id : 'team_default';
    const call = (version: string) =>
      admin.call(method, path.replace(':id', id), {}, { 'if-match': version });
    const { status, body } = await call('"999"');
    expect([status, body.error.code]).toEqual([412, 'precondition_failed']);
    expect((await call('three')).body.error).toMatchObject({ code: 'invalid_field', param: 'If-Match' });
    const { version } = body.error.details;
    // The team that a deployment starts with cannot be deleted; whether it may be is asked after the version.
    expect((await call(`"${version}"`)).status).toBe(method === 'DELETE' && resource === 'teams' ? 409 : 200);
  },
);

it('what changes a key, a team or the organization can be told the version that was seen', () => {
  const unversioned = ALL_ADMIN_ROUTES.filter(
    ({ method, path, versioned }) =>
      method !== 'GET' && /^.v1.(keys.:id|teams.:id|organization)/.test(path) && !versioned,
  );
  expect(unversioned).toEqual([]);
});

it('what is not published is not said to be applied, though no gateway is heard of', async () => {
  await db.query('begin');
  await db.query('lock table publications in share mode');
  const { body } = await admin.call('POST', '/v1/keys', { name: 'unpublished' });
  expect(body.propagation).toMatchObject({ complete: false, gateways: 0 });
  const propagation = async () => (await admin.call('GET', `/v1/keys/${body.key.id}/propagation`)).body;
  expect(await propagation()).toMatchObject({ complete: false, gateways: [] });
  await db.query('commit');
  await eventually(async () => expect(await propagation()).toMatchObject({ complete: true, gateways: [] }));
});
