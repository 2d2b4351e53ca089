import { createLogger } from '@tollgate/service-kit/log';
import { createDataSource } from '@tollgate/service-kit/postgres';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import type { DataSource } from 'typeorm';
import { appendToStream, ConcurrencyConflict, createStreamSql, lockStream, readStream } from './stream.ts';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  const logger = createLogger('spec', 'silent');
  db = createDataSource({ url: database.url, applicationName: 'stream spec', migrations: [], logger });
  await db.initialize();
  await db.query(createStreamSql);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const event = (n: number, type = 'Counted') => ({
  type,
  at: `2026-11-23T10:00:00.${String(n).padStart(3, '0')}Z`,
  actor: 'adm_1',
  data: { n, text: 'it’s "quoted", \\ and {braced}', none: null },
});
const append = (id: string, expected: number, ...events: ReturnType<typeof event>[]) =>
  db.transaction((em) => appendToStream(em, id, expected, events));

it('gives back the events of a stream in order, as they were appended', async () => {
  expect(await append('a', 0, event(1), event(2, 'Told'))).toBe(2);
  expect(await append('a', 2, event(3))).toBe(3);
  await append('b', 0, event(9));
  expect(await readStream(db.manager, 'a')).toEqual([event(1), event(2, 'Told'), event(3)]);
  expect(await readStream(db.manager, 'never written')).toEqual([]);
});

it('refuses an append that expects another version, and keeps nothing of it', async () => {
  await append('c', 0, event(1), event(2));
  for (const expected of [0, 1, 3]) {
    await expect(append('c', expected, event(7))).rejects.toThrow(ConcurrencyConflict);
  }
  await expect(append('no such stream', 1, event(7))).rejects.toThrow(ConcurrencyConflict);
  expect(await readStream(db.manager, 'c')).toHaveLength(2);
  expect(await append('c', 2, event(3))).toBe(3);
});

it('lets exactly one of many concurrent writers win each version', async () => {
  const WRITERS = 40;
  for (const version of [0, 1, 2]) {
    const results = await Promise.allSettled(
      Array.from({ length: WRITERS }, (_, n) => append('d', version, event(n))),
    );
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost).toHaveLength(WRITERS - 1);
    expect(lost.every(({ reason }) => reason instanceof ConcurrencyConflict)).toBe(true);
  }
  expect(await readStream(db.manager, 'd')).toHaveLength(3);
});

it('writers that lock before they read never conflict', async () => {
  await append('e', 0, event(0));
  await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      db.transaction(async (em) => {
        const version = await lockStream(em, 'e');
        expect(await readStream(em, 'e')).toHaveLength(version);
        await appendToStream(em, 'e', version, [event(n)]);
      }),
    ),
  );
  expect(await readStream(db.manager, 'e')).toHaveLength(41);
  expect(await lockStream(db.manager, 'no such stream')).toBe(0);
});
