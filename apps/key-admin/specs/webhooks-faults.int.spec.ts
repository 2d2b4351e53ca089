import type { Delivery } from '@tollgate/contracts/webhooks';
import { eventually } from '@tollgate/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import pg from 'pg';
import { LimitEvents } from './limit-events.ts';
import { RunningKeyAdmin } from './running-key-admin.ts';
import { silence, status, WebhookReceiver } from './webhook-receiver.ts';

const HOUR_MS = 3_600_000;
const topicPrefix = uniqueTopicPrefix('webhook-faults');

let database: TestDatabase;
let db: pg.Client;
let events: LimitEvents;
let receiver: WebhookReceiver;
let admin: RunningKeyAdmin;
let webhookId: string;

async function start(peppers = `1:${'02'.repeat(32)}`): Promise<void> {
  admin = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix,
    env: { TOLLGATE_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1', TOLLGATE_KEY_PEPPERS: peppers },
  });
}
beforeAll(async () => {
  database = await createTestDatabase();
  db = new pg.Client({ connectionString: database.url });
  await db.connect();
  receiver = await WebhookReceiver.start();
  events = await LimitEvents.open(topicPrefix);
});
afterAll(async () => {
  await events.close();
  await receiver.stop();
  await db.end();
  await database.drop();
});
beforeEach(async () => {
  receiver.received.length = 0;
  receiver.answer('/');
  await start();
  const { body } = await admin.call('POST', '/v1/webhooks', { url: receiver.url('/') });
  webhookId = body.webhook.id;
});
afterEach(async () => {
  await admin.call('DELETE', `/v1/webhooks/${webhookId}`);
  await admin.stop();
});

const log = async () => (await admin.call('GET', `/v1/webhooks/${webhookId}/deliveries`)).body.data;

it('what a killed sender was sending is taken up again when its lease has ended', async () => {
  receiver.answer('/', silence);
  await events.publish('breached', 'killed', 'key_a');
  await eventually(() => expect(receiver.received).toHaveLength(1));
  await admin.stop('SIGKILL');
  await start();
  const { rows } = await db.query(`select lease, due_at > now() as leased from webhook_deliveries`);
  expect(rows).toEqual([{ lease: expect.any(String), leased: true }]);
  expect(receiver.received).toHaveLength(1);
  await admin.moveClockBy(31_000);
  await eventually(() => expect(receiver.received).toHaveLength(2));
  expect(receiver.received[1]!.id).toBe(receiver.received[0]!.id);
  await eventually(async () => expect((await log())[0].state).toBe('delivered'));
});

it('a stop gives back what it was sending, and the next start sends it at once', async () => {
  receiver.answer('/', silence);
  await events.publish('breached', 'stopped', 'key_a');
  await eventually(() => expect(receiver.received).toHaveLength(1));
  expect(await admin.stop()).toBe(0);
  // Nobody waited until the attempt had taken too long: that would be one.
  const { rows } = await db.query('select attempts, lease from webhook_deliveries');
  expect(rows).toEqual([{ attempts: [], lease: null }]);
  await start();
  await eventually(() => expect(receiver.received).toHaveLength(2));
});

it('what happens while no instance runs is told by the next one, with secrets under what is now the first pepper', async () => {
  await admin.stop();
  await events.publish('warned', 'meanwhile', 'key_a');
  await start(`2:${'03'.repeat(32)},1:${'02'.repeat(32)}`);
  const { rows } = await db.query(`select secrets -> 0 -> 'pepper' as pepper from webhooks`);
  expect(rows).toEqual([{ pepper: 2 }]);
  await eventually(() => expect(receiver.received).toHaveLength(1));
});

it('a receiver that stays away is tried for three days, and then the delivery has failed', async () => {
  receiver.answer('/', ...Array.from({ length: 40 }, () => status(503, { 'retry-after': '7200' })));
  await events.publish('warned', 'away', 'key_a');
  for (let hours = 0; hours < 80; hours += 5) {
    await admin.moveClockBy(hours * HOUR_MS);
    await eventually(async () => {
      const [delivery] = await log();
      expect(delivery?.attempts.length).toBeGreaterThan(0);
      // It asked for two hours and gets one, so that nothing is due at once.
      if (delivery.state === 'pending') {
        expect(Date.parse(delivery.next_attempt_at)).toBeGreaterThan(Date.now() + hours * HOUR_MS + 60_000);
      }
    });
  }
  const [delivery] = await log();
  expect(delivery).toMatchObject({ state: 'failed', next_attempt_at: null });
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  expect(receiver.received.length).toBeGreaterThan(6);
}, 120_000);

it('a delivery is forgotten after 30 days, and not before', async () => {
  await events.publish('warned', 'old', 'key_a');
  await events.publish('warned', 'older', 'key_a');
  await eventually(async () => {
    expect((await log()).map(({ state }: Delivery) => state)).toEqual(['delivered', 'delivered']);
  });
  const age = `update webhook_deliveries set created_at = created_at - $1::interval where event_id = $2`;
  await db.query(age, ['29 days', 'old']);
  await db.query(age, ['31 days', 'older']);
  await admin.stop();
  await start();
  await eventually(async () => {
    expect((await log()).map(({ event_id }: Delivery) => event_id)).toEqual(['old']);
  });
});

it('what a disabled webhook had queued goes out when it is enabled in time, and is given up when not', async () => {
  const enable = (enabled: boolean) => admin.call('PATCH', `/v1/webhooks/${webhookId}`, { enabled });
  const later = status(500, { 'retry-after': '600' });
  receiver.answer('/', later, later);
  await events.publish('warned', 'in time', 'key_a');
  await events.publish('warned', 'too late', 'key_b');
  await eventually(async () =>
    expect((await log()).map(({ attempts }: Delivery) => attempts.length)).toEqual([1, 1]),
  );
  await enable(false);
  await db.query(`update webhook_deliveries set due_at = now()`);
  await db.query(`update webhook_deliveries set tried_since = now() - interval '73 hours'
                  where event_id = 'too late'`);
  await admin.stop();
  await start();
  const states = async () =>
    Object.fromEntries((await log()).map(({ event_id, state }: Delivery) => [event_id, state]));
  await eventually(async () =>
    expect(await states()).toEqual({ 'in time': 'pending', 'too late': 'failed' }),
  );
  expect(receiver.received).toHaveLength(2);
  await enable(true);
  await eventually(async () => expect(await states()).toMatchObject({ 'in time': 'delivered' }));
  expect(receiver.received).toHaveLength(3);
});
