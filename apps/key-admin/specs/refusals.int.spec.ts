import { newId } from '@tollgate/service-kit/ids';
import { newToken } from '@tollgate/service-kit/tokens';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { ADMIN_ID, ADMIN_KEY, type Answer, RunningKeyAdmin } from './running-key-admin.ts';

let database: TestDatabase;
let admin: RunningKeyAdmin;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix: uniqueTopicPrefix('refusals'),
  });
});
afterAll(async () => {
  expect(await admin.stop()).toBe(0);
  await database.drop();
});

const refusal = ({ status, body }: Answer) => [status, body.error.code, body.error.param];

const NO_KEY = newId('key');
describe('a wrong request gets its reason and changes nothing', () => {
  it.each<[string, string, string, unknown, ReturnType<typeof refusal>]>([
    ['no name', 'POST', '/v1/keys', {}, [422, 'invalid_field', 'name']],
    ['blank name', 'POST', '/v1/keys', { name: '  ' }, [422, 'invalid_field', 'name']],
    ['long name', 'POST', '/v1/keys', { name: 'n'.repeat(129) }, [422, 'invalid_field', 'name']],
    ['NUL', 'POST', '/v1/keys', { name: 'a\0b' }, [422, 'invalid_field', 'name']],
    ['half a surrogate pair', 'POST', '/v1/keys', '{"name":"\\ud800"}', [422, 'invalid_field', 'name']],
    [
      'NUL within',
      'POST',
      '/v1/keys',
      { name: 'a', metadata: { m: '\0' } },
      [422, 'invalid_field', 'metadata.m'],
    ],
    ['a role', 'POST', '/v1/keys', { name: 'a', role: 'owner' }, [422, 'unknown_field', 'role']],
    ['an id', 'POST', '/v1/keys', { name: 'a', id: NO_KEY }, [422, 'unknown_field', 'id']],
    [
      'an unknown limit',
      'POST',
      '/v1/keys',
      { name: 'a', limits: { usd: 1 } },
      [422, 'unknown_field', 'limits.usd'],
    ],
    [
      'limit 0',
      'POST',
      '/v1/keys',
      { name: 'a', limits: { tokens: 0 } },
      [422, 'invalid_field', 'limits.tokens'],
    ],
    [
      'negative',
      'POST',
      '/v1/keys',
      { name: 'a', limits: { cost_usd: -1 } },
      [422, 'invalid_field', 'limits.cost_usd'],
    ],
    [
      'half a token',
      'POST',
      '/v1/keys',
      { name: 'a', limits: { tokens: 1.5 } },
      [422, 'invalid_field', 'limits.tokens'],
    ],
    [
      'no zone',
      'POST',
      '/v1/keys',
      { name: 'a', limits: { timezone: 'Mars' } },
      [422, 'invalid_field', 'limits.timezone'],
    ],
    [
      'past',
      'POST',
      '/v1/keys',
      { name: 'a', expires_at: '2020-01-01T00:00:00Z' },
      [422, 'invalid_field', 'expires_at'],
    ],
    [
      'too late',
      'POST',
      '/v1/keys',
      { name: 'a', expires_at: '9999-12-31T23:59:59-01:00' },
      [422, 'invalid_field', 'expires_at'],
    ],
    [
      'no instant',
      'POST',
      '/v1/keys',
      { name: 'a', expires_at: 'soon' },
      [422, 'invalid_field', 'expires_at'],
    ],
    ['no team', 'POST', '/v1/keys', { name: 'a', team_id: newId('team') }, [422, 'invalid_field', 'team_id']],
    ['a list', 'POST', '/v1/keys', [], [422, 'invalid_field', null]],
    ['no JSON', 'POST', '/v1/keys', '{"name":', [400, 'invalid_body', null]],
    [
      '__proto__',
      'POST',
      '/v1/keys',
      '{"name":"a","__proto__":{"role":"owner"}}',
      [400, 'invalid_body', null],
    ],
    [
      'a large body',
      'POST',
      '/v1/keys',
      { name: 'a', purpose: 'p'.repeat(2 ** 21) },
      [413, 'body_too_large', null],
    ],
    ['page of 0', 'GET', '/v1/keys?limit=0', undefined, [422, 'invalid_field', 'limit']],
    ['page of 201', 'GET', '/v1/keys?limit=201', undefined, [422, 'invalid_field', 'limit']],
    ['no order', 'GET', '/v1/keys?sort=secret', undefined, [422, 'invalid_field', 'sort']],
    ['no cursor', 'GET', '/v1/keys?cursor=W10', undefined, [422, 'invalid_field', 'cursor']],
    ['NUL in search', 'GET', '/v1/keys?search=%00', undefined, [422, 'invalid_field', 'search']],
    ['an unknown filter', 'GET', '/v1/keys?team=a', undefined, [422, 'unknown_field', 'team']],
    ['no key', 'GET', `/v1/keys/${NO_KEY}`, undefined, [404, 'not_found', null]],
    ['no id', 'GET', `/v1/keys/key_1'or'1`, undefined, [404, 'not_found', null]],
    ['overview of no key', 'GET', `/v1/keys/${NO_KEY}/overview`, undefined, [404, 'not_found', null]],
    ['change of no key', 'PATCH', `/v1/keys/${NO_KEY}`, { name: 'a' }, [404, 'not_found', null]],
    ['revocation of no key', 'DELETE', `/v1/keys/${NO_KEY}`, undefined, [404, 'not_found', null]],
    ['rotation of no key', 'POST', `/v1/keys/${NO_KEY}/rotate`, {}, [404, 'not_found', null]],
    [
      'an overlap too long',
      'POST',
      `/v1/keys/${NO_KEY}/rotate`,
      { overlap_seconds: 604_801 },
      [422, 'invalid_field', 'overlap_seconds'],
    ],
    ['no route', 'GET', '/v1/secrets', undefined, [404, 'not_found', null]],
  ])('%s', async (_, method, path, body, expected) => {
    expect(refusal(await admin.call(method, path, body))).toEqual(expected);
  });

  it.each<[string, object, string]>([
    ['no model', { allowed_models: ['a', ''] }, 'allowed_models.1'],
    ['a model with a space', { allowed_models: ['gpt 4'] }, 'allowed_models.0'],
    ['a long model', { allowed_models: ['m'.repeat(201)] }, 'allowed_models.0'],
    ['no models at all', { allowed_models: [] }, 'allowed_models'],
    ['101 models', { allowed_models: Array(101).fill('m') }, 'allowed_models'],
    ['a model that is no text', { allowed_models: [1] }, 'allowed_models.0'],
    ['models that are no list', { allowed_models: 'gpt-4o' }, 'allowed_models'],
    ['a host for an address', { allowed_ips: ['10.0.0.1', 'example.com'] }, 'allowed_ips.1'],
    ['a range too wide', { allowed_ips: ['10.0.0.0/33'] }, 'allowed_ips.0'],
    ['a range without bits', { allowed_ips: ['10.0.0.0/'] }, 'allowed_ips.0'],
    ['an octet of 256', { allowed_ips: ['10.0.0.256'] }, 'allowed_ips.0'],
    ['an address with a zone', { allowed_ips: ['fe80::1%eth0'] }, 'allowed_ips.0'],
    ['101 addresses', { allowed_ips: Array(101).fill('::1') }, 'allowed_ips'],
  ])('%s in an allow-list', async (_, lists, param) => {
    const answer = await admin.call('POST', '/v1/keys', { name: 'narrow', ...lists });
    expect(refusal(answer)).toEqual([422, 'invalid_field', param]);
  });

  it('a cursor of another order is refused', async () => {
    await admin.call('POST', '/v1/keys', { name: 'first' });
    await admin.call('POST', '/v1/keys', { name: 'second' });
    const { next_cursor } = (await admin.call('GET', '/v1/keys?limit=1&sort=name')).body;
    const other = await admin.call('GET', `/v1/keys?limit=1&sort=created_at&cursor=${next_cursor}`);
    expect(refusal(other)).toEqual([422, 'invalid_field', 'cursor']);
  });
});

// Last, for it uses up the failed logins of this address.
describe('the admin key', () => {
  const someoneElses = newToken('tga', newId('adm')).token;
  const sameId = newToken('tga', ADMIN_ID).token;
  const cases: [string, string][] = [
    ['wrong', `Bearer ${someoneElses}`],
    ['of the right id with another secret', `Bearer ${sameId}`],
    ['with a typing error', `Bearer ${ADMIN_KEY.slice(0, -1)}`],
    ['of the router', `Bearer ${newToken('tg', newId('key')).token}`],
    ['sent by another scheme', `Basic ${ADMIN_KEY}`],
    ['that is long', `Bearer ${'a'.repeat(8_000)}`],
    ['that is SQL', `Bearer ' or 1=1 --`],
  ];

  it.each(cases)('%s is refused with what to do', async (_, authorization) => {
    const answer = await admin.call('GET', '/v1/keys', undefined, { authorization });
    expect(refusal(answer)).toEqual([401, 'invalid_admin_key', null]);
    expect(answer.body.error.message).toMatch(/admin key/);
  });

  it('is asked for on every route under /v1', async () => {
    for (const [method, path] of [
      ['POST', '/v1/keys'],
      ['GET', `/v1/keys/${NO_KEY}`],
      ['PATCH', `/v1/keys/${NO_KEY}`],
      ['DELETE', `/v1/keys/${NO_KEY}`],
      ['POST', `/v1/keys/${NO_KEY}/rotate`],
      ['POST', `/v1/keys/${NO_KEY}/reset`],
      ['GET', `/v1/keys/${NO_KEY}/overview`],
      ['GET', '/v1/me'],
      ['GET', '/v1/webhooks'],
      ['POST', `/v1/webhooks/${newId('whk')}/test`],
    ] as const) {
      const answer = await admin.call(method, path, undefined, { authorization: '' });
      expect([method, path, answer.status]).toEqual([method, path, 401]);
    }
  });

  it('that is right says who calls', async () => {
    const me = await admin.call('GET', '/v1/me');
    expect(me.body).toEqual({
      id: ADMIN_ID,
      name: 'bootstrap',
      prefix: `tga_${ADMIN_ID.slice(4)}`,
      role: 'owner',
      team_id: null,
      gateway_url: null,
    });
  });

  it('that is wrong more than 20 times a minute is answered 429, while the right one still opens', async () => {
    const statuses: number[] = [];
    let last: Answer | undefined;
    for (let i = 0; i < 21; i++) {
      last = await admin.call('GET', '/v1/me', undefined, { authorization: `Bearer ${someoneElses}` });
      statuses.push(last.status);
    }
    expect(statuses.at(-1)).toBe(429);
    expect(last!.body.error.code).toBe('too_many_failed_logins');
    expect(Number(last!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await admin.call('GET', '/v1/me')).status).toBe(200);
  });
});
