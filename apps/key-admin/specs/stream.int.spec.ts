import { once } from 'node:events';
import { connect } from 'node:net';
import type { MeterAnswer } from '@tollgate/contracts/metering-http';
import { STREAM_EVENTS } from '@tollgate/contracts/stream-http';
import { newId } from '@tollgate/service-kit/ids';
import { atBest } from '@tollgate/testing/at-best';
import { eventually } from '@tollgate/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { LimitEvents } from './limit-events.ts';
import { MeteringStandIn } from './metering-stand-in.ts';
import { RunningKeyAdmin } from './running-key-admin.ts';
import { type SeenEvent, StreamReader, type StreamRequest } from './stream-reader.ts';

let database: TestDatabase;
let metering: MeteringStandIn;
let limits: LimitEvents;
/** Two instances, as behind a balancer. */
let one: RunningKeyAdmin;
let two: RunningKeyAdmin;
const readers: StreamReader[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  metering = await MeteringStandIn.start();
  const topicPrefix = uniqueTopicPrefix('stream');
  limits = await LimitEvents.open(topicPrefix);
  const settings = { databaseUrl: database.url, topicPrefix, meteringUrl: metering.url };
  one = await RunningKeyAdmin.start(settings);
  two = await RunningKeyAdmin.start(settings);
});
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.close()));
});
afterAll(async () => {
  expect([await one.stop(), await two.stop()]).toEqual([0, 0]);
  await limits.close();
  await metering.stop();
  await database.drop();
});

async function open(of: RunningKeyAdmin, request?: StreamRequest): Promise<StreamReader> {
  const reader = await StreamReader.open(of.url, request);
  readers.push(reader);
  if (reader.answer.ok) await reader.first(({ event }) => event === 'hello');
  return reader;
}

const newTeam = async () => (await one.call('POST', '/v1/teams', { name: newId('evt') })).body.id as string;
const newKey = async (fields: object = {}) =>
  (await one.call('POST', '/v1/keys', { name: newId('evt'), ...fields })).body.key.id as string;
const rename = async (of: RunningKeyAdmin, id: string) =>
  (await of.call('PATCH', `/v1/keys/${id}`, { name: newId('evt') })).body.version as number;
const newAdmin = async (team_id: string | null) =>
  (await one.call('POST', '/v1/admin-keys', { name: 'spec', role: 'viewer', team_id })).body as {
    admin_key: { id: string };
    secret: string;
  };
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const isChange = (id: string) => (seen: SeenEvent) => seen.event === 'changed' && seen.data.id === id;

function setMeter(id: string, requests: number): void {
  const meter: MeterAnswer['meter'] = {
    scope: 'key',
    scope_id: id,
    period: { id: 'all', start: null, end: null },
    generation: 0,
    limit_revision: 1,
    cost_usd: '0.25',
    tokens: 100 * requests,
    requests,
    blocked: [],
    resets_at: null,
    as_of: new Date().toISOString(),
  };
  metering.meters.set(id, { meter, history: [], last_used_at: '2026-11-25T12:00:00.000Z' });
}

it('tells watched meters at once, then each change within a second, and nothing where nothing changes', () =>
  atBest(async () => {
    const [key, quiet] = [await newKey({ limits: { tokens: 1_000 } }), await newKey()];
    setMeter(key, 1);
    setMeter(quiet, 5);
    const reader = await open(one, { watch: [key, quiet] });
    expect(reader.answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(reader.answer.headers.get('x-accel-buffering')).toBe('no');
    const first = await reader.first(({ data }) => data.scope_id === key);
    expect(first.data).toMatchObject({
      meter: { requests: 1, tokens: 100, remaining: { tokens: 900, cost_usd: null } },
      last_used_at: '2026-11-25T12:00:00.000Z',
    });
    expect(first.atMs - reader.events[0]!.atMs).toBeLessThan(500);
    for (let requests = 2; requests <= 4; requests += 1) {
      setMeter(key, requests);
      const setMs = Date.now();
      const { atMs } = await reader.first(({ data }) => data.meter?.requests === requests);
      expect(atMs - setMs).toBeLessThan(1_000);
    }
    expect(reader.of('meter').map(({ data }) => [data.scope_id, data.meter.requests])).toEqual(
      expect.arrayContaining([[quiet, 5]]),
    );
    expect(reader.of('meter')).toHaveLength(5);
    for (const { event, data } of reader.events) STREAM_EVENTS[event].parse(data);
  }));

it('tells who watches that a limit was changed, in what is left of it', async () => {
  const key = await newKey({ limits: { tokens: 1_000 } });
  setMeter(key, 1);
  const reader = await open(one, { watch: [key] });
  await reader.first(({ data }) => data.meter?.remaining.tokens === 900);
  await two.call('PATCH', `/v1/keys/${key}`, { limits: { tokens: 5_000 } });
  await reader.first(({ data }) => data.meter?.remaining.tokens === 4_900);
});

it('tells changes of keys, teams and the organization, whichever instance made them', async () => {
  const reader = await open(one);
  const team = await newTeam();
  const key = await newKey({ team_id: team });
  const version = await rename(two, key);
  const { body } = await two.call('PATCH', '/v1/organization', { name: newId('evt') });
  const renamed = await reader.first((seen) => isChange(key)(seen) && seen.data.version === version);
  expect(renamed.data).toEqual({ scope: 'key', id: key, version });
  expect((await reader.first(isChange(team))).data).toEqual({ scope: 'team', id: team, version: 1 });
  expect((await reader.first(isChange('org_default'))).data.version).toBe(body.version);
});

it('tells warnings, breaches and resets as their history has them, watched or not', async () => {
  const key = await newKey();
  const reader = await open(one);
  await limits.publish('breached', newId('evt'), key, Date.parse('2026-11-25T12:00:00Z'));
  const { data } = await reader.first(({ event }) => event === 'limit');
  expect(data).toEqual({
    ...{ scope: 'key', scope_id: key, at: '2026-11-25T12:00:00.000Z', kind: 'limit.breached' },
    ...{ period_id: 'all', generation: 0, dimension: 'tokens', threshold: null, reason: 'usage' },
    used: { cost_usd: '3.125', tokens: 1_000, requests: 17 },
  });
});

it('tells one who acts in a team nothing of another, nor that anything happens there', async () => {
  const [own, other] = [await newTeam(), await newTeam()];
  const [mine, theirs] = [await newKey({ team_id: own }), await newKey({ team_id: other })];
  setMeter(mine, 1);
  setMeter(theirs, 2);
  const { secret } = await newAdmin(own);
  const request = { watch: [mine, theirs, own, other, 'org_default'], headers: bearer(secret) };
  const everywhere = await open(one);
  const reader = await open(one, request);
  await rename(one, theirs);
  await one.call('PATCH', `/v1/teams/${other}`, { limits: { tokens: 5 } });
  await one.call('PATCH', '/v1/organization', { name: newId('evt') });
  await limits.publish('breached', newId('evt'), theirs);
  await everywhere.first(({ event, data }) => event === 'limit' && data.scope_id === theirs);
  // What the own team is told shows that what came before it has passed.
  await limits.publish('warned', newId('evt'), mine);
  await rename(one, mine);
  await one.call('PATCH', `/v1/teams/${own}`, { limits: { tokens: 5 } });
  await reader.first(isChange(own));
  await reader.first(isChange(mine));
  await reader.first(({ event }) => event === 'limit');
  await eventually(() => expect(reader.of('meter').map(({ data }) => data.scope_id)).toContain(mine));
  const about = reader.events.flatMap(({ data }) => data.scope_id ?? data.id ?? []);
  expect(new Set(about)).toEqual(new Set([own, mine]));

  // Nor do the ids tell: who comes back after the events of others has the same place as before.
  const before = await open(one, request);
  await rename(one, theirs);
  await everywhere.first((seen) => isChange(theirs)(seen) && seen.data.version === 3);
  expect((await open(one, request)).events[0]!.id).toBe(before.events[0]!.id);
});

it('tells a reader that comes back what it missed, in order and once', async () => {
  const key = await newKey();
  const watching = await open(one);
  const reader = await open(one);
  const version = await rename(one, key);
  const { id } = await reader.first((seen) => isChange(key)(seen) && seen.data.version === version);
  await reader.close();
  const missed = [await rename(one, key), await rename(one, key)];
  await watching.first((seen) => isChange(key)(seen) && seen.data.version === missed[1]);
  const again = await open(one, { lastEventId: id! });
  missed.push(await rename(one, key));
  await again.first((seen) => isChange(key)(seen) && seen.data.version === missed[2]);
  expect(again.events.map(({ event, data }) => [event, data.version])).toEqual([
    ['hello', undefined],
    ...missed.map((version) => ['changed', version]),
  ]);
});

it('tells a reader to read anew that comes from another instance', async () => {
  const reader = await open(one);
  const again = await open(two, { lastEventId: reader.events[0]!.id! });
  await again.first(({ event }) => event === 'resync');
  const nonsense = await open(one, { lastEventId: 'x'.repeat(5_000) });
  await nonsense.first(({ event }) => event === 'resync');
});

it('says while metering is away that figures stand still, and goes on telling changes', async () => {
  const key = await newKey();
  setMeter(key, 1);
  const reader = await open(two, { watch: [key] });
  await reader.first(({ data }) => data.meter?.requests === 1);
  metering.silent = true;
  await reader.first(({ data }) => data.live === false);
  const late = await open(two, { watch: [key] });
  await late.first(({ data }) => data.live === false);
  await rename(one, key);
  await reader.first(isChange(key));
  setMeter(key, 2);
  metering.silent = false;
  await reader.first(({ data }) => data.live === true);
  await reader.first(({ data }) => data.meter?.requests === 2);
});

it('ends with its admin key and with its session, at whichever instance they end', () =>
  atBest(async () => {
    const { admin_key, secret } = await newAdmin(null);
    const signIn = async () => {
      const { headers } = await one.call('POST', '/v1/session', { admin_key: secret });
      return { cookie: headers.get('set-cookie')!.split(';')[0]!, origin: one.url };
    };
    const [first, second] = [await signIn(), await signIn()];
    const byKey = await open(one, { headers: bearer(secret) });
    const signedOut = await open(one, { headers: first });
    const signedIn = await open(one, { headers: second });
    const signOut = await fetch(`${two.url}/v1/session`, {
      method: 'DELETE',
      headers: { ...first, origin: two.url },
    });
    expect(signOut.status).toBe(200);
    let sinceMs = Date.now();
    await signedOut.ended;
    expect(Date.now() - sinceMs).toBeLessThan(2_500);
    expect((await open(one, { headers: first })).answer.status).toBe(401);

    // The others are told what happens until their admin key ends.
    await rename(one, await newKey());
    for (const reader of [byKey, signedIn]) await reader.first(({ event }) => event === 'changed');
    await two.call('DELETE', `/v1/admin-keys/${admin_key.id}`);
    sinceMs = Date.now();
    await Promise.all([byKey.ended, signedIn.ended]);
    expect(Date.now() - sinceMs).toBeLessThan(2_500);
  }));

it('refuses more streams than one admin key may have, and what is no scope', async () => {
  const { secret } = await newAdmin(null);
  const many = await Promise.all(Array.from({ length: 50 }, () => open(one, { headers: bearer(secret) })));
  const refused = await open(one, { headers: bearer(secret) });
  expect([refused.answer.status, refused.answer.headers.get('retry-after')]).toEqual([429, '5']);
  expect(await refused.answer.json()).toMatchObject({ error: { code: 'too_many_streams' } });
  await many[0]!.close();
  await eventually(async () =>
    expect((await open(one, { headers: bearer(secret) })).answer.status).toBe(200),
  );
  const wrong = await one.call('GET', '/v1/stream?watch=key_1');
  expect([wrong.status, wrong.body.error.code]).toEqual([422, 'invalid_field']);
});

it('ends at once when the service stops, which waits for no reader', async () => {
  const reader = await open(two, { watch: ['org_default'] });
  // As a browser opens one ahead of need.
  const unasked = connect(Number(new URL(two.url).port), '127.0.0.1');
  await once(unasked, 'connect');
  unasked.on('error', () => undefined);
  const start = Date.now();
  expect(await two.stop()).toBe(0);
  expect(Date.now() - start).toBeLessThan(4_000);
  await reader.ended;
});
