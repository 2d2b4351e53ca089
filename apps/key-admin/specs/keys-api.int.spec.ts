import { key, keyAnswer, keyOverview, keyPage, keyWithSecret } from '@tollgate/contracts/admin-http';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { MeteringStandIn } from './metering-stand-in.ts';
import { ADMIN_ID, type Answer, RunningKeyAdmin } from './running-key-admin.ts';

let database: TestDatabase;
let metering: MeteringStandIn;
let admin: RunningKeyAdmin;

beforeAll(async () => {
  database = await createTestDatabase();
  metering = await MeteringStandIn.start();
  admin = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix: uniqueTopicPrefix('keys-api'),
    meteringUrl: metering.url,
  });
});
afterAll(async () => {
  expect(await admin.stop()).toBe(0);
  await metering.stop();
  await database.drop();
});

let names = 0;
const freshName = () => `key ${++names}`;
async function create(body: object = {}): Promise<{ id: string; secret: string }> {
  const answer = await admin.call('POST', '/v1/keys', { name: freshName(), ...body });
  expect(answer).toMatchObject({ status: 201 });
  return { id: answer.body.key.id, secret: answer.body.secret };
}
const refusal = ({ status, body }: Answer) => [status, body.error.code, body.error.param];

describe('a key’s life', () => {
  it('begins with a token that is shown once and must not be stored on the way', async () => {
    const answer = await admin.call('POST', '/v1/keys', {
      name: '  Search ',
      owner: 'ann',
      environment: 'production',
      expires_at: '2099-01-01T00:00:00+02:00',
      limits: { cost_usd: 12.5, tokens: 1_000, requests_per_minute: 60, reset_period: 'monthly' },
      metadata: { cost_center: '42' },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { key, secret } = keyWithSecret.parse(answer.body);
    expect(key).toMatchObject({
      name: 'Search',
      team_id: 'team_default',
      status: 'active',
      expires_at: '2098-12-31T22:00:00.000Z',
      created_by: ADMIN_ID,
      last_used_at: null,
      version: 1,
      limits: {
        cost_usd: '12.50',
        tokens: 1_000,
        requests_per_minute: 60,
        reset_period: 'monthly',
        timezone: 'UTC',
        enforcement: 'soft',
      },
    });
    expect(secret.startsWith(`${key.prefix}_`)).toBe(true);
    expect(secret.endsWith(key.last_four)).toBe(true);
    const read = await admin.call('GET', `/v1/keys/${key.id}`);
    expect(read.body).toEqual({ ...key, team_name: 'Default', created_by_name: 'bootstrap' });
    expect(JSON.stringify(read.body)).not.toContain(secret.split('_')[2]);
  });

  it('takes changes one version at a time, and none for what changes nothing', async () => {
    const { id } = await create({ limits: { tokens: 5, cost_usd: '1' } });
    const patch = (body: object, headers = {}) => admin.call('PATCH', `/v1/keys/${id}`, body, headers);
    const changed = await patch({ enabled: false, owner: 'bob', limits: { tokens: null } });
    expect(keyAnswer.parse(changed.body)).toMatchObject({
      version: 3,
      status: 'disabled',
      owner: 'bob',
      limits: { tokens: null, cost_usd: '1.00' },
    });
    expect((await patch({ enabled: false, owner: 'bob', limits: { cost_usd: '1.0' } })).body.version).toBe(3);
    expect((await patch({ enabled: true })).body).toMatchObject({ version: 4, status: 'active' });
    expect(refusal(await patch({ owner: 'eve' }, { 'if-match': '"3"' }))).toEqual([
      412,
      'precondition_failed',
      null,
    ]);
    expect((await patch({ owner: 'eve' }, { 'if-match': '"4"' })).body.owner).toBe('eve');
  });

  it('may be narrowed to models and addresses, and widened again', async () => {
    const lists = { allowed_models: ['gpt-4o', 'claude-*'], allowed_ips: ['203.0.113.7', '2001:db8::/32'] };
    const { id } = await create(lists);
    const read = async () => key.parse((await admin.call('GET', `/v1/keys/${id}`)).body);
    expect(await read()).toMatchObject({ ...lists, version: 1 });
    const patch = (body: object) => admin.call('PATCH', `/v1/keys/${id}`, body);
    expect((await patch(lists)).body).toMatchObject({ ...lists, version: 1 });
    expect((await patch({ allowed_models: null })).body).toMatchObject({
      allowed_models: null,
      allowed_ips: lists.allowed_ips,
      version: 2,
    });
    await patch({ allowed_ips: null });
    expect(await read()).toMatchObject({ allowed_models: null, allowed_ips: null, version: 3 });
    const all = await create();
    expect((await admin.call('GET', `/v1/keys/${all.id}`)).body).toMatchObject({
      allowed_models: null,
      allowed_ips: null,
    });
  });

  it('gets new secrets, never the same, and counts from zero after a reset', async () => {
    const { id, secret } = await create();
    const rotated = await admin.call('POST', `/v1/keys/${id}/rotate`, { overlap_seconds: 60 });
    expect(rotated.headers.get('cache-control')).toBe('no-store');
    expect(keyWithSecret.parse(rotated.body).secret).not.toBe(secret);
    expect(rotated.body.key.last_four).toBe(rotated.body.secret.slice(-4));
    const withoutBody = await admin.call('POST', `/v1/keys/${id}/rotate`);
    expect(withoutBody.status).toBe(200);
    expect((await admin.call('POST', `/v1/keys/${id}/reset`)).body.version).toBe(4);
    expect((await admin.call('POST', `/v1/keys/${id}/reset`, { reason: 'paid' })).body.version).toBe(5);
  });

  it('ends for good with its revocation, whose repetition is harmless', async () => {
    const { id } = await create();
    const revoke = () => admin.call('DELETE', `/v1/keys/${id}`);
    expect(keyAnswer.parse((await revoke()).body)).toMatchObject({ status: 'revoked', version: 2 });
    expect((await revoke()).body).toMatchObject({ status: 'revoked', version: 2 });
    for (const [method, path, body] of [
      ['PATCH', '', { enabled: true }],
      ['PATCH', '', {}],
      ['POST', '/rotate', {}],
      ['POST', '/reset', {}],
    ] as const) {
      expect(refusal(await admin.call(method, `/v1/keys/${id}${path}`, body))).toEqual([
        409,
        'key_revoked',
        null,
      ]);
    }
  });

  it('loses no version when two administrators change it at once', async () => {
    const { id } = await create();
    const changes = Array.from({ length: 20 }, (_, i) =>
      admin.call('PATCH', `/v1/keys/${id}`, { purpose: `purpose ${i}` }),
    );
    const versions = (await Promise.all(changes)).map(({ body }) => body.version).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
  });
});

describe('names', () => {
  it('are unique in a team whatever their case, until the key is revoked', async () => {
    const { id } = await create({ name: 'Café Élan' });
    const again = () => admin.call('POST', '/v1/keys', { name: 'CAFE\u0301 ÉLAN' });
    expect(refusal(await again())).toEqual([409, 'name_taken', 'name']);
    const other = await create();
    const renamed = await admin.call('PATCH', `/v1/keys/${other.id}`, { name: 'café élan' });
    expect(refusal(renamed)).toEqual([409, 'name_taken', 'name']);
    await admin.call('DELETE', `/v1/keys/${id}`);
    expect((await again()).status).toBe(201);
  });

  it('are given to exactly one of 1 000 concurrent creates', async () => {
    const creates = Array.from({ length: 1_000 }, () =>
      admin.call('POST', '/v1/keys', { name: 'contested' }),
    );
    const statuses = (await Promise.all(creates)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(999);
  });
});

describe('lists', () => {
  const list = async (query: string) => keyPage.parse((await admin.call('GET', `/v1/keys?${query}`)).body);

  it.each(['created_at', '-created_at', 'name', '-name'])(
    'in the order %s show each key once though others are created meanwhile',
    async (sort) => {
      const environment = `paging ${sort}`;
      const made: string[] = [];
      for (const i of [3, 1, 2, 5, 4]) made.push((await create({ name: `${sort} ${i}`, environment })).id);
      const seen: string[] = [];
      let cursor = '';
      do {
        const query = new URLSearchParams({ environment, sort, limit: '2', ...(cursor && { cursor }) });
        const page = await list(`${query}`);
        expect(page.data.length).toBeLessThanOrEqual(2);
        seen.push(...page.data.map(({ id }) => id));
        cursor = page.next_cursor ?? '';
        await create({ name: `${sort} ${seen.length % 2 ? 0 : 9} ${seen.length}`, environment });
      } while (cursor && seen.length < 50);
      expect(seen.filter((id) => made.includes(id)).sort()).toEqual([...made].sort());
      expect(new Set(seen).size).toBe(seen.length);
    },
  );

  it('are filtered by owner, status as it is now, name and last four', async () => {
    const owner = 'filters';
    const [active, disabled, revoked] = [
      await create({ owner, name: '100%_Sure' }),
      await create({ owner }),
      await create({ owner }),
    ];
    const HOUR_MS = 3_600_000;
    const expired = await create({ owner, expires_at: new Date(Date.now() + HOUR_MS).toISOString() });
    await admin.call('PATCH', `/v1/keys/${disabled!.id}`, { enabled: false });
    await admin.call('DELETE', `/v1/keys/${revoked!.id}`);
    const ids = async (query: string) => (await list(`owner=${owner}&${query}`)).data.map(({ id }) => id);
    expect(await ids('status=disabled')).toEqual([disabled!.id]);
    expect(await ids('status=revoked')).toEqual([revoked!.id]);
    expect(await ids('status=expired')).toEqual([]);
    await admin.moveClockBy(HOUR_MS);
    expect(await ids('status=expired')).toEqual([expired.id]);
    expect(await ids('status=active')).toEqual([active!.id]);
    expect(await ids(`search=${encodeURIComponent('0%_sure')}`)).toEqual([active!.id]);
    expect(await ids(`search=${encodeURIComponent('0__sure')}`)).toEqual([]);
    expect(await ids(`search=${disabled!.secret.slice(-4)}`)).toEqual([disabled!.id]);
    await admin.moveClockBy(0);
  });
});

describe('consumption', () => {
  const meterOf = (id: string) => ({
    meter: {
      scope: 'key' as const,
      scope_id: id,
      period: { id: '2026-11', start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' },
      generation: 0,
      limit_revision: 1,
      cost_usd: '0.75',
      tokens: 1_200,
      requests: 3,
      blocked: ['tokens' as const],
      resets_at: '2026-12-01T00:00:00.000Z',
      as_of: '2026-11-23T10:00:00.000Z',
    },
    history: [],
    last_used_at: '2026-11-23T09:59:00.000Z',
  });

  it('is shown with what is left of each limit, never below zero', async () => {
    const { id } = await create({ limits: { cost_usd: '2', tokens: 1_000 } });
    metering.meters.set(id, meterOf(id));
    const { key, meter } = keyOverview.parse((await admin.call('GET', `/v1/keys/${id}/overview`)).body);
    expect(key.last_used_at).toBe('2026-11-23T09:59:00.000Z');
    expect(meter).toMatchObject({
      tokens: 1_200,
      remaining: { cost_usd: '1.25', tokens: 0 },
      held: { cost_usd: '0.00', tokens: 0 },
      blocked: ['tokens'],
      requests_last_minute: 0,
    });
    expect((await admin.call('GET', `/v1/keys/${id}`)).body.last_used_at).toBe('2026-11-23T09:59:00.000Z');
  });

  it('of a key that metering has not heard of is zero in its current period', async () => {
    const { id } = await create({ limits: { cost_usd: '2', reset_period: 'yearly' } });
    const before = new Date().getUTCFullYear();
    const { meter } = keyOverview.parse((await admin.call('GET', `/v1/keys/${id}/overview`)).body);
    const year = new Date(meter.period.start!).getUTCFullYear();
    expect([before, new Date().getUTCFullYear()]).toContain(year);
    expect(meter).toMatchObject({ cost_usd: '0.00', remaining: { cost_usd: '2.00', tokens: null } });
    expect(meter.period.id).toBe(String(year));
    expect(meter.resets_at).toBe(`${year + 1}-01-01T00:00:00.000Z`);
  });

  it('while metering is silent is a 503 within its second, and keys are listed without it', async () => {
    const { id } = await create({ owner: 'while silent' });
    metering.silent = true;
    try {
      const overview = await admin.call('GET', `/v1/keys/${id}/overview`);
      expect(refusal(overview)).toEqual([503, 'metering_unavailable', null]);
      expect(overview.body.error.message).toMatch(/METERING_URL/);
      const page = await admin.call('GET', '/v1/keys?owner=while+silent');
      expect(page.body.data).toMatchObject([{ id, last_used_at: null }]);
    } finally {
      metering.silent = false;
    }
  });
});
