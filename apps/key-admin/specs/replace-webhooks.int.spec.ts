import { newId } from '@tollgate/service-kit/ids';
import { createLogger } from '@tollgate/service-kit/log';
import { createDataSource } from '@tollgate/service-kit/postgres';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import type { DataSource } from 'typeorm';
import { KeyEvents1764028800000 } from '../src/migrations/1764028800000-key-events.ts';
import { Webhooks1764201600000 } from '../src/migrations/1764201600000-webhooks.ts';
import { ReceiverPolicy } from '../src/webhooks/receiver-policy.ts';
import { ReplaceWebhooks } from '../src/webhooks/replace-webhooks.ts';
import { SecretVault } from '../src/webhooks/secret-vault.ts';

let database: TestDatabase;
let db: DataSource;
let replace: ReplaceWebhooks;
const vault = new SecretVault([{ version: 1, key: Buffer.alloc(32, 1) }]);
const ACTOR = newId('adm');

beforeAll(async () => {
  database = await createTestDatabase();
  db = createDataSource({
    url: database.url,
    applicationName: 'spec',
    migrations: [KeyEvents1764028800000, Webhooks1764201600000],
    logger: createLogger('spec', 'silent'),
  });
  await db.initialize();
  await db.runMigrations();
  replace = new ReplaceWebhooks(db, vault, new ReceiverPolicy([]));
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
const stored = () => db.query(`select id, url from webhooks order by id`);

it('a list makes, changes and deletes webhooks to match, and gives the secrets of new ones alone', async () => {
  const first = await replace.execute(ACTOR, [
    { url: 'https://a.example' },
    { url: 'https://b.example', events: ['limit.breached'], description: 'b' },
  ]);
  const [a, b] = first.webhooks;
  expect(first.secrets.map(({ id }) => id)).toEqual([a!.id, b!.id]);
  const second = await replace.execute(ACTOR, [
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

it('one wrong entry changes nothing, and is named', async () => {
  const before = await stored();
  const unknown = replace.execute(ACTOR, [
    { url: 'https://x.example' },
    { id: newId('whk'), url: 'https://y.example' },
  ]);
  await expect(unknown).rejects.toMatchObject({ code: 'invalid_field', extras: { param: 'webhooks.1.id' } });
  const forbidden = replace.execute(ACTOR, [{ url: 'https://10.0.0.1' }]);
  await expect(forbidden).rejects.toMatchObject({ extras: { param: 'webhooks.0.url' } });
  expect(await stored()).toEqual(before);
});

it('it is undone with the larger change that it is part of', async () => {
  const before = await stored();
  const change = db.transaction(async (em) => {
    await replace.execute(ACTOR, [], em);
    throw new Error('the rest of the change failed');
  });
  await expect(change).rejects.toThrow('the rest');
  expect(await stored()).toEqual(before);
  await replace.execute(ACTOR, []);
  expect(await stored()).toEqual([]);
});
