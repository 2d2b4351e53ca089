import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { RunningKeyAdmin } from './running-key-admin.ts';
import { isGenuine, WebhookReceiver } from './webhook-receiver.ts';

const OPERATE = fileURLToPath(new URL('../dist/operate.js', import.meta.url));
const FIRST = `1:${Buffer.alloc(32, 2).toString('hex')}`;
const SECOND = `2:${Buffer.alloc(32, 3).toString('hex')}`;
const topicPrefix = uniqueTopicPrefix('peppers');
let database: TestDatabase;
let receiver: WebhookReceiver;
let admin: RunningKeyAdmin;

beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await WebhookReceiver.start();
  admin = await start(FIRST);
});
afterAll(async () => {
  await admin.stop();
  await receiver.stop();
  await database.drop();
});

const start = (peppers: string) =>
  RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix,
    env: { TOLLGATE_KEY_PEPPERS: peppers, TOLLGATE_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1' },
  });

/** The command as an operator runs it, under the peppers that the service has. */
function operate(
  peppers: string,
  ...args: string[]
): Promise<{ code: number; answer: unknown; err: string }> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: database.url, TOLLGATE_KEY_PEPPERS: peppers };
  return new Promise((resolve) => {
    execFile(process.execPath, [OPERATE, ...args], { env }, (error, out, err) =>
      resolve({
        code: error ? (error.code as unknown as number) : 0,
        answer: out && JSON.parse(out),
        err,
      }),
    );
  });
}
const restartUnder = async (peppers: string) => {
  expect(await admin.stop()).toBe(0);
  admin = await start(peppers);
};
const made = async (path: string, body: object) => {
  const answer = await admin.call('POST', path, body);
  expect(answer.status).toBeLessThan(300);
  return answer.body;
};

it('a pepper is taken out when nothing hangs on it any more, and the command says when that is', async () => {
  const { key } = await made('/v1/keys', { name: 'old' });
  const revoked = await made('/v1/keys', { name: 'revoked' });
  await admin.call('DELETE', `/v1/keys/${revoked.key.id}`);
  const { admin_key } = await made('/v1/admin-keys', { name: 'ops', role: 'viewer' });
  const { webhook, secret } = await made('/v1/webhooks', { url: receiver.url('/hook') });

  // The new pepper comes first everywhere, and the old one stays.
  const both = `${SECOND},${FIRST}`;
  await restartUnder(both);
  await made('/v1/keys', { name: 'new' });
  // The start has brought the webhook's secret under it; keys wait until somebody rotates them.
  expect((await operate(both, 'peppers')).answer).toEqual([
    expect.objectContaining({ pepper: 2, signs: true, keys: 1, webhook_secrets: 1, may_go: false }),
    expect.objectContaining({
      ...{
        pepper: 1,
        configured: true,
        signs: false,
        keys: 1,
        admin_keys: 1,
        webhook_secrets: 0,
        may_go: false,
      },
      such_as: [admin_key.id, key.id],
    }),
  ]);

  await made(`/v1/keys/${key.id}/rotate`, { overlap_seconds: 600 });
  await admin.call('DELETE', `/v1/admin-keys/${admin_key.id}`);
  const [, first] = (await operate(both, 'peppers')).answer as object[];
  expect(first).toMatchObject({
    keys: 0,
    replaced_secrets: 1,
    admin_keys: 0,
    webhook_secrets: 0,
    may_go: false,
  });
  await made(`/v1/keys/${key.id}/rotate`, { overlap_seconds: 0 });
  const [, none] = (await operate(both, 'peppers')).answer as object[];
  expect(none).toMatchObject({ keys: 0, replaced_secrets: 0, may_go: true, such_as: [] });

  // Without the old pepper everything goes on, and receivers noticed nothing.
  await restartUnder(SECOND);
  expect(await made(`/v1/webhooks/${webhook.id}/test`, {})).toMatchObject({
    delivery: { state: 'delivered' },
  });
  expect(receiver.at('/hook').map((received) => isGenuine(received, secret))).toEqual([true]);
});

it('says that a pepper is missing which something hangs on', async () => {
  const third = `3:${Buffer.alloc(32, 4).toString('hex')}`;
  const [, second] = (await operate(third, 'peppers')).answer as object[];
  expect(second).toMatchObject({ pepper: 2, configured: false, may_go: false });
});
