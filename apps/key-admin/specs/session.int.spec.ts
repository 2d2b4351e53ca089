import { session } from '@tollgate/contracts/session-http';
import { newId } from '@tollgate/service-kit/ids';
import { newToken } from '@tollgate/service-kit/tokens';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { ADMIN_ID, ADMIN_KEY, RunningKeyAdmin } from './running-key-admin.ts';

let database: TestDatabase;
let admin: RunningKeyAdmin;

beforeAll(async () => {
  database = await createTestDatabase();
  const env = { METERING_URL: 'http://127.0.0.1:9' };
  admin = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix: uniqueTopicPrefix('session'),
    env,
  });
});
afterAll(async () => {
  expect(await admin.stop()).toBe(0);
  await database.drop();
});

/** Calls as a browser does that has no admin key; `fetch` of Node would add no `sec-fetch-site` of its own choice. */
async function browse(method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const answer = await fetch(admin.url + path, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: specs look into bodies whose shape is what they check.
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any };
}
async function signIn(admin_key = ADMIN_KEY, headers: Record<string, string> = {}) {
  const answer = await browse('POST', '/v1/session', headers, { admin_key });
  expect(answer.status).toBe(201);
  const set = answer.headers.get('set-cookie')!;
  return { set, cookie: set.split(';')[0]!, body: session.parse(answer.body) };
}
const ownPage = () => ({ origin: admin.url });

it('an admin key opens a session, in a cookie that no script reads and no other site sends', async () => {
  const { set, cookie, body } = await signIn();
  expect(set).toMatch(/^tollgate_session=[\w-]{43}; Path=\/v1; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  expect(body).toMatchObject({ id: ADMIN_ID, role: 'owner' });
  expect((await browse('GET', '/v1/me', { cookie })).body.id).toBe(ADMIN_ID);
  expect((await signIn(ADMIN_KEY, { 'x-forwarded-proto': 'https' })).set).toMatch(/; Secure$/);
});

it('a session changes things from the own page alone', async () => {
  const { cookie } = await signIn();
  const create = async (headers: Record<string, string>) =>
    (await browse('POST', '/v1/teams', { cookie, ...headers }, { name: `team ${newId('evt')}` })).status;
  // Node adds `sec-fetch-mode` but no site: what it leaves out, the origin must say.
  expect(await create(ownPage())).toBe(201);
  expect(await create({ origin: 'https://evil.example' })).toBe(403);
  expect(await create({})).toBe(403);
  expect(await create({ origin: 'null' })).toBe(403);
});

it('ends when it is told to, after twelve hours, and with its admin key', async () => {
  const first = await signIn();
  const out = await browse('DELETE', '/v1/session', { cookie: first.cookie, ...ownPage() });
  expect([out.body, out.headers.get('set-cookie')]).toEqual([
    { ended: true },
    expect.stringContaining('Max-Age=0'),
  ]);
  expect((await browse('GET', '/v1/me', { cookie: first.cookie })).status).toBe(401);

  const { body } = await admin.call('POST', '/v1/admin-keys', { name: 'browser', role: 'viewer' });
  const second = await signIn(body.secret);
  expect((await browse('GET', '/v1/me', { cookie: second.cookie })).body.role).toBe('viewer');
  await admin.call('DELETE', `/v1/admin-keys/${body.admin_key.id}`);
  const ended = await browse('GET', '/v1/me', { cookie: second.cookie });
  expect([ended.status, ended.body.error.message]).toEqual([401, 'The session has ended: sign in again.']);

  const third = await signIn();
  await admin.moveClockBy(43_200_001);
  expect((await browse('GET', '/v1/me', { cookie: third.cookie })).status).toBe(401);
  await admin.moveClockBy(0);
});

it('wrong admin keys open none, and too many are answered 429', async () => {
  const wrong = newToken('tga', ADMIN_ID).token;
  const statuses: number[] = [];
  for (let n = 0; n < 21; n += 1)
    statuses.push((await browse('POST', '/v1/session', {}, { admin_key: wrong })).status);
  expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
  await signIn();
});

it('a cookie that nobody gave opens nothing', async () => {
  const cookie = `tollgate_session=${'a'.repeat(43)}`;
  expect((await browse('GET', '/v1/keys', { cookie })).status).toBe(401);
});
