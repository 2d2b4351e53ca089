import { Client } from 'pg';
import { createTestDatabase } from './test-database.ts';

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

describe('a test database', () => {
  it('is empty, one for each call, also when many are made at once', async () => {
    const databases = await Promise.all(Array.from({ length: 4 }, () => createTestDatabase()));
    try {
      expect(new Set(databases.map(({ url }) => url)).size).toBe(4);
      for (const { url } of databases) {
        const client = await connect(url);
        const { rows } = await client.query(
          `SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'`,
        );
        expect(rows).toEqual([{ n: 0 }]);
        await client.end();
      }
    } finally {
      await Promise.all(databases.map((database) => database.drop()));
    }
  });

  it('is dropped under connections that a failing spec left open, and can be dropped twice', async () => {
    const database = await createTestDatabase();
    const left = await connect(database.url);
    const ended = new Promise((resolve) => left.once('end', resolve));
    await database.drop();
    await ended;
    await database.drop();
    await expect(connect(database.url)).rejects.toMatchObject({ code: '3D000' });
  });
});
