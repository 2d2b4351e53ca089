import type { Delivery, WebhookWithSecret } from '@tollgate/contracts/webhooks';
import { webhookMessage } from '@tollgate/contracts/webhooks';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { createLogger } from '@tollgate/service-kit/log';
import { eventually } from '@tollgate/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import pg from 'pg';
import { openDatabase } from '../src/database.ts';
import { followGroup } from '../src/webhooks/follow-group.ts';
import { LimitEvents, limitEventOf } from './limit-events.ts';
import { RunningKeyAdmin } from './running-key-admin.ts';
import { isGenuine, status, WebhookReceiver } from './webhook-receiver.ts';

const DAY_MS = 86_400_000;
const topicPrefix = uniqueTopicPrefix('webhooks');

let database: TestDatabase;
let db: pg.Client;
let events: LimitEvents;
let receiver: WebhookReceiver;
/** Two instances on one database. */
let admins: RunningKeyAdmin[];
const secrets: string[] = [];

const start = () =>
  RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix,
    env: { TOLLGATE_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1' },
  });

beforeAll(async () => {
  database = await createTestDatabase();
  db = new pg.Client({ connectionString: database.url });
  await db.connect();
  receiver = await WebhookReceiver.start();
  events = await LimitEvents.open(topicPrefix);
  await events.publish('breached', 'history', 'key_history');
  admins = [await start()];
  admins.push(await start());
});
afterAll(async () => {
  for (const admin of admins) expect(await admin.stop()).toBe(0);
  await events.close();
  await receiver.stop();
  await db.end();
  await database.drop();
});

let paths = 0;
async function create(body: object = {}): Promise<WebhookWithSecret & { path: string }> {
  const path = `/hook/${++paths}`;
  const answer = await admins[0]!.call('POST', '/v1/webhooks', { url: receiver.url(path), ...body });
  expect(answer.status).toBe(201);
  secrets.push(answer.body.secret);
  return { ...answer.body, path };
}
const remove = (id: string) => admins[0]!.call('DELETE', `/v1/webhooks/${id}`);
async function deliveries(id: string, query = ''): Promise<Delivery[]> {
  return (await admins[1]!.call('GET', `/v1/webhooks/${id}/deliveries${query}`)).body.data;
}
const idle = (id: string) =>
  eventually(async () => expect(await deliveries(id, '?state=pending')).toEqual([]));

/** How many limit events a reader has before it, as an instance tells. */
async function lagOf(admin: RunningKeyAdmin, reader: 'webhooks' | 'streams'): Promise<number> {
  const { body } = await admin.call('GET', '/metrics');
  const sample = new RegExp(`^tollgate_limit_events_lag_records\\{reader="${reader}"\\} (\\S+)$`, 'm');
  return Number(sample.exec(body)?.[1]);
}
const nobodyIsBehind = () =>
  eventually(async () => {
    for (const admin of admins)
      expect([await lagOf(admin, 'webhooks'), await lagOf(admin, 'streams')]).toEqual([0, 0]);
  });

describe('every event is told', () => {
  it('with a signature that the official library accepts, and the name of its scope', async () => {
    const named = await admins[0]!.call('POST', '/v1/keys', { name: 'the batch job' });
    const keyId = named.body.key.id;
    const { path, secret, webhook } = await create();
    await events.publish('warned', 'e/warned', keyId);
    await events.publish('breached', 'e/breached', keyId);
    await events.publish('reset', 'e/reset', 'team_default');
    await eventually(() => expect(receiver.at(path)).toHaveLength(3));
    const got = receiver.at(path);
    expect(got.every((one) => isGenuine(one, secret))).toBe(true);
    expect(isGenuine({ ...got[0]!, body: `${got[0]!.body} ` }, secret)).toBe(false);
    expect(got.map(({ message }) => webhookMessage.parse(message).type).sort()).toEqual([
      'limit.breached',
      'limit.reset',
      'limit.warned',
    ]);
    const breached = got.find(({ message }) => message.type === 'limit.breached')!;
    expect(breached.message.data).toEqual({ ...limitEventOf(keyId), scope_name: 'the batch job' });
    expect(breached.headers).toMatchObject({
      'user-agent': 'tollgate-webhooks/1',
      'content-type': 'application/json',
    });
    expect(got.find(({ message }) => message.type === 'limit.reset')!.message.data).toMatchObject({
      scope_name: 'Default',
    });
    await idle(webhook.id);
    expect((await deliveries(webhook.id)).map(({ id }) => id).sort()).toEqual(got.map(({ id }) => id).sort());
    await remove(webhook.id);
  });

  it('to those who want its type, and to nobody who is disabled', async () => {
    const some = await create({ events: ['limit.reset'] });
    const none = await create({ enabled: false });
    const all = await create();
    await events.publish('warned', 'filtered/warned', 'key_a');
    await events.publish('reset', 'filtered/reset', 'key_a');
    await eventually(() => expect(receiver.at(all.path)).toHaveLength(2));
    await eventually(() => expect(receiver.at(some.path)).toHaveLength(1));
    expect(receiver.at(some.path)[0]!.message.type).toBe('limit.reset');
    expect(await deliveries(none.webhook.id)).toEqual([]);
    for (const { webhook } of [some, none, all]) await remove(webhook.id);
  });

  it('once, though it is on the topic several times and two instances read', async () => {
    const { path, webhook } = await create();
    const ids = Array.from({ length: 30 }, (_, i) => `repeated/${i}`);
    for (const round of [1, 2]) {
      await Promise.all(ids.map((id, i) => events.publish('warned', id, `key_${i}_${round}`)));
    }
    await events.publish('reset', 'after them', 'key_0_1');
    await eventually(() => expect(receiver.at(path)).toHaveLength(31));
    await idle(webhook.id);
    expect(new Set(receiver.at(path).map(({ id }) => id)).size).toBe(31);
    await remove(webhook.id);
  });

  it('once, though the group reads the topic again from its beginning', async () => {
    const { path, webhook } = await create();
    await events.publish('warned', 'before', 'key_a');
    await eventually(() => expect(receiver.at(path)).toHaveLength(1));
    await nobodyIsBehind();
    // As if the broker had forgotten the group's progress, and the database the first offsets.
    await db.query('update webhook_offsets set next_offset = 0');
    await eventually(async () => expect(await lagOf(admins[0]!, 'webhooks')).toBeGreaterThan(60));
    await admins[0]!.stop();
    await admins[1]!.stop();
    admins = [await start(), await start()];
    await events.publish('warned', 'after', 'key_a');
    await eventually(() => expect(receiver.at(path)).toHaveLength(2));
    await idle(webhook.id);
    expect(receiver.at(path)).toHaveLength(2);
    await remove(webhook.id);
  });

  it('and what the group has read is not waited for by a database that was restored', async () => {
    await db.query('update webhook_offsets set next_offset = 0');
    await eventually(async () => expect(await lagOf(admins[0]!, 'webhooks')).toBeGreaterThan(60));
    const logger = createLogger('spec', 'silent');
    const restored = await openDatabase(database.url, logger);
    await followGroup(
      restored,
      new KafkaConnection({
        brokers: process.env['KAFKA_BROKERS']!.split(','),
        clientId: 'spec',
        topicPrefix,
        eventKeys: [],
        logger,
      }),
    );
    await restored.destroy();
    await nobodyIsBehind();
  });

  it('but not what happened before the first start', async () => {
    const { rows } = await db.query(`select from webhook_deliveries where event_id = 'history'`);
    expect(rows).toEqual([]);
  });

  it('but not what happened more than a day ago, which the log shows as expired', async () => {
    const { path, webhook } = await create();
    await events.publish('warned', 'old', 'key_a', Date.now() - DAY_MS - 60_000);
    await events.publish('warned', 'new', 'key_a', Date.now() - DAY_MS + 60_000);
    await eventually(() => expect(receiver.at(path)).toHaveLength(1));
    await idle(webhook.id);
    const log = await deliveries(webhook.id);
    expect(log.map(({ event_id, state }) => [event_id, state]).sort()).toEqual([
      ['new', 'delivered'],
      ['old', 'expired'],
    ]);
    expect(receiver.at(path)).toHaveLength(1);
    await remove(webhook.id);
  });
});

describe('a receiver that fails', () => {
  it('is tried again with the same id until it takes the delivery', async () => {
    const { path, webhook, secret } = await create();
    receiver.answer(path, status(500, {}, 'no room\0'), status(204));
    await events.publish('breached', 'retried', 'key_a');
    await eventually(() => expect(receiver.at(path)).toHaveLength(2));
    await idle(webhook.id);
    const [first, second] = receiver.at(path);
    expect(second!.id).toBe(first!.id);
    expect(second!.body).toBe(first!.body);
    expect(isGenuine(second!, secret)).toBe(true);
    const [delivery] = await deliveries(webhook.id);
    expect(delivery).toMatchObject({ id: first!.id, state: 'delivered', next_attempt_at: null });
    expect(delivery!.attempts.map(({ status, response, error }) => [status, response, error])).toEqual([
      [500, 'no room\ufffd', 'The receiver answered 500.'],
      [204, null, null],
    ]);
    const [a, b] = delivery!.attempts.map(({ at }) => Date.parse(at));
    expect(b! - a!).toBeGreaterThan(3_900);
    await remove(webhook.id);
  });

  it('that redirects is not followed', async () => {
    const { path, webhook } = await create();
    receiver.answer(path, status(307, { location: receiver.url('/elsewhere') }));
    const { body } = await admins[0]!.call('POST', `/v1/webhooks/${webhook.id}/test`);
    expect(body.delivery).toMatchObject({ state: 'failed', attempts: [{ status: 307 }] });
    expect(body.delivery.attempts[0].error).toMatch(/redirects are not followed/);
    expect(receiver.at('/elsewhere')).toEqual([]);
    await remove(webhook.id);
  });

  it('that is gone disables the webhook, and enabling it lets what happens then through', async () => {
    const { path, webhook } = await create();
    receiver.answer(path, status(410));
    await events.publish('warned', 'gone', 'key_a');
    const read = async () => (await admins[1]!.call('GET', `/v1/webhooks/${webhook.id}`)).body;
    await eventually(async () =>
      expect(await read()).toMatchObject({ enabled: false, disabled_reason: 'gone' }),
    );
    const [{ id, state }] = (await deliveries(webhook.id)) as [Delivery];
    expect(state).toBe('failed');
    const retry = `/v1/webhooks/${webhook.id}/deliveries/${id}/retry`;
    expect((await admins[0]!.call('POST', retry)).status).toBe(409);
    const enabled = await admins[0]!.call('PATCH', `/v1/webhooks/${webhook.id}`, { enabled: true });
    expect(enabled.body).toMatchObject({ enabled: true, disabled_reason: null });
    // The other instance may have been quick.
    expect(['pending', 'delivered']).toContain((await admins[0]!.call('POST', retry)).body.delivery.state);
    await eventually(() => expect(receiver.at(path)).toHaveLength(2));
    expect(receiver.at(path)[1]!.id).toBe(id);
    await remove(webhook.id);
  });

  it('holds up no other', async () => {
    const slow = await create();
    const quick = await create();
    receiver.answer(slow.path, ...Array.from({ length: 20 }, () => () => undefined));
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => events.publish('warned', `crowd/${i}`, `key_${i}`)),
    );
    await eventually(() => expect(receiver.at(quick.path)).toHaveLength(20), { within_ms: 8_000 });
    // Four of one webhook at a time, in each of the two instances.
    expect(receiver.at(slow.path).length).toBeLessThanOrEqual(8);
    for (const { webhook } of [slow, quick]) await remove(webhook.id);
  });
});

it('while a secret is replaced both sign, and with no overlap only the new one', async () => {
  const { path, webhook, secret: first } = await create();
  const rotate = async (overlap_seconds: number) => {
    const answer = await admins[0]!.call('POST', `/v1/webhooks/${webhook.id}/rotate`, { overlap_seconds });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    secrets.push(answer.body.secret);
    return answer.body as WebhookWithSecret;
  };
  const test = async () => {
    await admins[0]!.call('POST', `/v1/webhooks/${webhook.id}/test`);
    return receiver.at(path).at(-1)!;
  };
  const rotated = await rotate(3_600);
  expect(Date.parse(rotated.webhook.previous_secret_until!)).toBeGreaterThan(Date.now());
  const both = await test();
  expect([first, rotated.secret].map((secret) => isGenuine(both, secret))).toEqual([true, true]);
  const { secret: last, webhook: after } = await rotate(0);
  expect(after.previous_secret_until).toBeNull();
  const one = await test();
  expect([first, rotated.secret, last].map((secret) => isGenuine(one, secret))).toEqual([false, false, true]);
  await remove(webhook.id);
});

it('a key that expires is told once by the two instances, a week before and a day before', async () => {
  const { path, webhook } = await create({ events: ['key.expiring'] });
  const expires_at = new Date(Date.now() + 30 * DAY_MS).toISOString();
  const { body } = await admins[0]!.call('POST', '/v1/keys', {
    name: 'for a month',
    expires_at,
    owner: 'ann',
  });
  const moveTo = (daysAhead: number) =>
    Promise.all(admins.map((admin) => admin.moveClockBy(daysAhead * DAY_MS + 60_000)));
  const told = () => receiver.at(path).map(({ message }) => message.data);
  const data = { key_id: body.key.id, name: 'for a month', team_id: 'team_default', owner: 'ann' };
  try {
    await moveTo(23);
    await eventually(() => expect(told()).toHaveLength(1));
    expect(told()[0]).toEqual({ ...data, environment: null, expires_at, within_days: 7 });
    const late = await create({ events: ['key.expiring'] });
    await moveTo(29);
    await eventually(() => expect(told()).toHaveLength(2));
    // Who comes after a notice is not told it, only the next.
    await eventually(() => expect(receiver.at(late.path)).toHaveLength(1));
    expect(receiver.at(late.path)[0]!.message.data).toMatchObject({ within_days: 1 });
    await remove(late.webhook.id);
    expect(told()[1]).toMatchObject({ ...data, within_days: 1 });
    // A later expiry is told anew; meanwhile nobody told the same twice.
    const later = new Date(Date.now() + 35.5 * DAY_MS).toISOString();
    await admins[0]!.call('PATCH', `/v1/keys/${body.key.id}`, { expires_at: later });
    await eventually(() => expect(told()).toHaveLength(3));
    expect(told()[2]).toMatchObject({ ...data, expires_at: later, within_days: 7 });
  } finally {
    await Promise.all(admins.map((admin) => admin.moveClockBy(0)));
  }
  await remove(webhook.id);
});

it('metrics count deliveries by outcome and show what waits', async () => {
  const { body } = await admins[0]!.call('GET', '/metrics');
  const all = `${body}${(await admins[1]!.call('GET', '/metrics')).body}`;
  expect(all).toMatch(/tollgate_webhook_deliveries_total\{outcome="delivered"\} [1-9]/);
  expect(all).toMatch(/tollgate_webhook_pending \d/);
  expect(all).toMatch(/tollgate_webhook_oldest_pending_seconds \d/);
});

it('no secret is anywhere but in the answer that showed it', async () => {
  expect(secrets.length).toBeGreaterThan(5);
  const canaries = secrets.flatMap((secret) => {
    const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64');
    return [bytes.toString('base64'), bytes.toString('hex'), bytes.toString('base64url')];
  });
  let written = admins.flatMap(({ log }) => log).join('\n');
  const tables = await db.query(`select tablename from pg_tables where schemaname = 'public'`);
  // One webhook is left, so that there is a sealed secret to look at.
  await create();
  for (const { tablename } of tables.rows) {
    const { rows } = await db.query(`select t::text as text from "${tablename}" t`);
    written += rows.map(({ text }) => text).join('\n');
  }
  expect(written).toContain('sealed');
  expect(canaries.filter((canary) => written.includes(canary))).toEqual([]);
});
