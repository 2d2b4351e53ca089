import { bulkKeysAnswer, createdKey, keyPropagation } from '@tollgate/contracts/admin-http';
import { atBest } from '@tollgate/testing/at-best';
import { eventually } from '@tollgate/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { DataSource } from 'typeorm';
import { GatewayStandIn } from './gateway-stand-in.ts';
import { MeteringStandIn } from './metering-stand-in.ts';
import { type Answer, RunningKeyAdmin } from './running-key-admin.ts';

const topicPrefix = uniqueTopicPrefix('bulk');
let database: TestDatabase;
let metering: MeteringStandIn;
let admin: RunningKeyAdmin;

beforeAll(async () => {
  database = await createTestDatabase();
  metering = await MeteringStandIn.start();
  admin = await RunningKeyAdmin.start({ databaseUrl: database.url, topicPrefix, meteringUrl: metering.url });
});
afterAll(async () => {
  expect(await admin.stop()).toBe(0);
  await metering.stop();
  await database.drop();
});

let names = 0;
const post = (path: string, body: object, headers = {}) => admin.call('POST', path, body, headers);
async function create(body: object = {}): Promise<string> {
  names += 1;
  return (await post('/v1/keys', { name: `key ${names}`, ...body })).body.key.id;
}
const bulk = async (body: object) => bulkKeysAnswer.parse((await post('/v1/keys/bulk', body)).body);
const statusOf = async (id: string) => (await admin.call('GET', `/v1/keys/${id}`)).body.status;
const refusal = ({ status, body }: Answer) => [status, body.error.code, body.error.param];

describe('many keys at once', () => {
  it('are changed each by itself, with a result of its own in the order they were named', async () => {
    const [a, b, revoked] = [await create(), await create(), await create()];
    await admin.call('DELETE', `/v1/keys/${revoked}`);
    const { data } = await bulk({ action: 'disable', ids: [a, revoked, 'key_nobody', b, a] });
    expect(data).toEqual([
      { id: a, status: 'disabled' },
      { id: revoked, error: { code: 'key_revoked', message: expect.stringContaining('permanent') } },
      { id: 'key_nobody', error: { code: 'not_found', message: expect.any(String) } },
      { id: b, status: 'disabled' },
    ]);
    await bulk({ action: 'enable', ids: [a] });
    await bulk({ action: 'revoke', ids: [b] });
    expect([await statusOf(a), await statusOf(b)]).toEqual(['active', 'revoked']);
  });

  it('are found by what they have in common, and no other is touched', async () => {
    const staging = { environment: 'staging', owner: 'ann' };
    const [a, b] = [await create(staging), await create({ ...staging, purpose: 'batch' })];
    const others = [await create({ environment: 'staging', owner: 'bob' }), await create({ owner: 'ann' })];
    const { data, has_more } = await bulk({ action: 'disable', filter: staging });
    expect([data.map(({ id }) => id), has_more]).toEqual([[a, b], false]);
    expect(await Promise.all(others.map(statusOf))).toEqual(['active', 'active']);
    expect((await bulk({ action: 'disable', filter: staging })).data).toEqual([]);
    const batch = { ...staging, purpose: 'batch' };
    expect((await bulk({ action: 'revoke', filter: batch })).data).toEqual([{ id: b, status: 'revoked' }]);
    expect((await bulk({ action: 'enable', filter: staging })).data).toEqual([{ id: a, status: 'active' }]);
  });

  it('are not all keys because somebody forgot to say which', async () => {
    const wrongs = [
      { action: 'revoke' },
      { action: 'revoke', filter: {} },
      { action: 'revoke', ids: [] },
      { action: 'revoke', ids: ['key_a'], filter: { owner: 'ann' } },
      { action: 'delete', ids: ['key_a'] },
      { action: 'revoke', filter: { name: 'x' } },
    ];
    const answers = await Promise.all(wrongs.map((body) => post('/v1/keys/bulk', body)));
    expect(answers.map(refusal)).toEqual([
      [422, 'invalid_field', 'ids'],
      [422, 'invalid_field', 'filter'],
      [422, 'invalid_field', 'ids'],
      [422, 'invalid_field', 'ids'],
      [422, 'invalid_field', 'action'],
      [422, 'unknown_field', 'filter.name'],
    ]);
  });

  it('are taken 500 at a time where more match', async () => {
    const ids: string[] = [];
    // A few at once: who waits too long for a connection to the database is refused.
    for (const atOnce of [...Array<number>(50).fill(10), 1])
      ids.push(...(await Promise.all(Array.from({ length: atOnce }, () => create({ owner: 'many' })))));
    const first = await bulk({ action: 'revoke', filter: { owner: 'many' } });
    expect([first.data.length, first.has_more]).toEqual([500, true]);
    const second = await bulk({ action: 'revoke', filter: { owner: 'many' } });
    expect([second.data.length, second.has_more]).toEqual([1, false]);
    expect(new Set([...first.data, ...second.data].map(({ id }) => id))).toEqual(new Set(ids));
  }, 60_000);
});

describe('a creation with an Idempotency-Key', () => {
  const once = (key: string, what: object) => post('/v1/keys', what, { 'idempotency-key': key });
  function body() {
    names += 1;
    return { name: `once ${names}`, limits: { tokens: 5, cost_usd: '1' } };
  }

  it('repeated, answers the key that it made, without its secret', async () => {
    const asked = body();
    const first = await once('a', asked);
    const again = await once('a', { limits: { cost_usd: '1', tokens: 5 }, name: asked.name });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body.key).toEqual(first.body.key);
    expect(createdKey.parse(again.body).secret).toBeUndefined();
  });

  it('repeated at once, makes one key', async () => {
    const asked = body();
    const answers = await Promise.all(Array.from({ length: 20 }, () => once('b', asked)));
    expect(new Set(answers.map((answer) => answer.body.key.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.body.secret !== undefined)).toHaveLength(1);
  });

  it('with another body is a conflict, and one that failed claims nothing', async () => {
    const asked = body();
    await once('c', asked);
    const other = { ...asked, owner: 'ann' };
    expect(refusal(await once('c', other))).toEqual([409, 'conflict', 'Idempotency-Key']);
    expect(refusal(await once('d', asked))).toEqual([409, 'name_taken', 'name']);
    expect((await once('d', body())).status).toBe(201);
    expect(refusal(await once('with a blank', asked))).toEqual([422, 'invalid_field', 'Idempotency-Key']);
  });

  it('keeps no secret to answer with', async () => {
    const { secret } = (await once('e', body())).body;
    const db = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    const [{ kept }] = await db.query(
      'select jsonb_agg(to_jsonb(key_creations))::text as kept from key_creations',
    );
    await db.destroy();
    expect(kept).toContain('"e"');
    expect(kept).not.toContain(secret.split('_')[2]);
  });
});

it('keys are found by purpose and by metadata', async () => {
  const id = await create({ purpose: 'evals', metadata: { cost_center: '42', url: 'a:b' } });
  await create({ purpose: 'evals', metadata: { cost_center: '43' } });
  const found = async (query: string) =>
    (await admin.call('GET', `/v1/keys?${query}`)).body.data.map((key: { id: string }) => key.id);
  expect(await found('purpose=evals&metadata=cost_center:42')).toEqual([id]);
  expect(await found('metadata=cost_center:42&metadata=url:a:b')).toEqual([id]);
  expect(await found('metadata=cost_center:42&metadata=url:c')).toEqual([]);
  expect(await found('purpose=evals')).toHaveLength(2);
  const wrong = await admin.call('GET', '/v1/keys?metadata=nothing');
  expect(refusal(wrong)).toEqual([422, 'invalid_field', 'metadata']);
});

it('tells which gateways go by a key, and since when', async () => {
  const quick = await GatewayStandIn.start('quick', topicPrefix);
  const slow = await GatewayStandIn.start('slow', topicPrefix);
  try {
    slow.acknowledging = false;
    let id = '';
    const asked = async () =>
      keyPropagation.parse((await admin.call('GET', `/v1/keys/${id}/propagation`)).body);
    await atBest(async () => {
      // Who says nothing for five seconds is none of them any more; of what comes after, this says nothing.
      await slow.report();
      const before = Date.now();
      id = await create();
      const { complete, version, gateways } = await asked();
      expect([complete, version]).toEqual([false, 1]);
      const [first, second] = gateways.sort((a, b) => (a.instance < b.instance ? -1 : 1));
      expect(first).toMatchObject({ instance: 'quick', applied: true });
      expect(Date.parse(first!.applied_at!)).toBeGreaterThanOrEqual(before);
      expect(second).toMatchObject({ instance: 'slow', applied: false, applied_at: null });
    });

    slow.acknowledging = true;
    await admin.call('PATCH', `/v1/keys/${id}`, { owner: 'ann' });
    await eventually(async () => expect(await asked()).toMatchObject({ version: 2, complete: true }));
  } finally {
    await quick.stop();
    await slow.stop();
  }
});
