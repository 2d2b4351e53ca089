import { newId } from '@tollgate/service-kit/ids';
import { createLogger } from '@tollgate/service-kit/log';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import type { DataSource } from 'typeorm';
import { type Caller, SYSTEM } from '../src/admin-keys/caller.ts';
import { AuditTrail } from '../src/audit/audit-trail.ts';
import { openDatabase } from '../src/database.ts';
import { ReceiverPolicy } from '../src/webhooks/receiver-policy.ts';
import { ReplaceWebhooks } from '../src/webhooks/replace-webhooks.ts';
import { ResealSecrets } from '../src/webhooks/reseal-secrets.ts';
import { SecretVault } from '../src/webhooks/secret-vault.ts';
import { readWebhooks } from '../src/webhooks/sql/webhooks.ts';

let database: TestDatabase;
let db: DataSource;
let replace: ReplaceWebhooks;
const vault = new SecretVault([{ version: 1, key: Buffer.alloc(32, 1) }]);
const CALLER: Caller = { ...SYSTEM, id: newId('adm') };

beforeAll(async () => {
  database = await createTestDatabase();
  db = await openDatabase(database.url, createLogger('spec', 'silent'));
  replace = new ReplaceWebhooks(
    db,
    vault,
    new ReceiverPolicy([]),
    new AuditTrail([{ version: 1, key: Buffer.alloc(32, 2) }]),
  );
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
const stored = () => db.query(`select id, url from webhooks order by id`);

it('a list makes, changes and deletes webhooks to match, and gives the secrets of new ones alone', async () => {
  const first = await replace.execute(CALLER, [
    { url: 'https://a.example' },
    { url: 'https://b.example', events: ['limit.breached'], description: 'b' },
  ]);
  const [a, b] = first.webhooks;
  expect(first.secrets.map(({ id }) => id)).toEqual([a!.id, b!.id]);
  const second = await replace.execute(CALLER, [
    { url: 'https://c.example', enabled: false },
    { id: b!.id, url: 'https://b2.example' },
  ]);
  const [c, changed] = second.webhooks;
  expect(changed).toEqual({ ...b, url: 'https://b2.example', updated_at: changed!.updated_at });
  expect(second.secrets).toEqual([{ id: c!.id, secret: expect.stringMatching(/^whsec_/) }]);
  expect(await stored()).toEqual([
    { id: b!.id, url: 'https://b2.example' },
    { id: c!.id, url: 'https://c.example' },
  ]);
});

it('all secrets come under the first pepper, once, and stay what they were', async () => {
  const two = { version: 2, key: Buffer.alloc(32, 3) };
  const { secrets, webhooks } = await replace.execute(CALLER, [{ url: 'https://d.example' }]);
  const reseal = new ResealSecrets(db, new SecretVault([two, { version: 1, key: Buffer.alloc(32, 1) }]));
  expect([await reseal.execute(), await reseal.execute()]).toEqual([1, 0]);
  const [row] = await readWebhooks(db, null, 1);
  const opened = new SecretVault([two]).open(row!.id, row!.secrets[0]!);
  expect(`whsec_${opened.toString('base64')}`).toBe(secrets[0]!.secret);
  expect(row!.updated_at.toISOString()).toBe(webhooks[0]!.updated_at);
});

it('one wrong entry changes nothing, and is named', async () => {
  const before = await stored();
  const unknown = replace.execute(CALLER, [
    { url: 'https://x.example' },
    { id: newId('whk'), url: 'https://y.example' },
  ]);
  await expect(unknown).rejects.toMatchObject({ code: 'invalid_field', extras: { param: 'webhooks.1.id' } });
  const forbidden = replace.execute(CALLER, [{ url: 'https://10.0.0.1' }]);
  await expect(forbidden).rejects.toMatchObject({ extras: { param: 'webhooks.0.url' } });
  expect(await stored()).toEqual(before);
});

it('it is undone with the larger change that it is part of', async () => {
  const before = await stored();
  const change = db.transaction(async (em) => {
    await replace.execute(CALLER, [], em);
    throw new Error('the rest of the change failed');
  });
  await expect(change).rejects.toThrow('the rest');
  expect(await stored()).toEqual(before);
  await replace.execute(CALLER, []);
  expect(await stored()).toEqual([]);
});
