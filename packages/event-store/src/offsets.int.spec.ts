import { createLogger } from '@tollgate/service-kit/log';
import { createDataSource } from '@tollgate/service-kit/postgres';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import type { DataSource } from 'typeorm';
import {
  advanceOffsets,
  advanceOver,
  createOffsetsSql,
  lockOffsets,
  type OffsetsTable,
  readOffsets,
} from './offsets.ts';

const OFFSETS: OffsetsTable = { topic: 'usage', table: 'offsets' };
let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  const logger = createLogger('spec', 'silent');
  db = createDataSource({ url: database.url, applicationName: 'offsets spec', migrations: [], logger });
  await db.initialize();
  await db.query(createOffsetsSql(OFFSETS.table));
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const range = (partition: number, first: bigint, next: bigint) => ({
  partition,
  firstOffset: first,
  nextOffset: next,
});

it('moves partitions on, and knows of those that nothing was read of', async () => {
  await db.transaction(async (sql) => {
    expect(await lockOffsets(sql, OFFSETS, [0, 1])).toEqual(
      new Map([
        [0, null],
        [1, null],
      ]),
    );
    await advanceOffsets(sql, OFFSETS, [{ partition: 0, from: null, to: 2n ** 60n }]);
  });
  expect(await readOffsets(db.manager, OFFSETS)).toEqual({ 0: `${2n ** 60n}` });
});

it('undoes what a consumer did that another has overtaken', async () => {
  await advanceOffsets(db.manager, OFFSETS, [{ partition: 1, from: null, to: 5n }]);
  const stale = db.transaction(async (sql) => {
    await sql.query('CREATE TABLE done_by_the_stale_one ()');
    await advanceOffsets(sql, OFFSETS, [{ partition: 1, from: null, to: 9n }]);
  });
  await expect(stale).rejects.toThrow('moved by another consumer');
  expect((await readOffsets(db.manager, OFFSETS))[1]).toBe('5');
  expect(await db.query(`SELECT to_regclass('done_by_the_stale_one') AS found`)).toEqual([{ found: null }]);
});

it('passes over what an earlier delivery has counted, and stops at what nobody has', () => {
  expect(advanceOver(OFFSETS, range(1, 0n, 5n), 5n)).toBeNull();
  expect(advanceOver(OFFSETS, range(1, 3n, 7n), 5n)).toEqual({ partition: 1, from: 5n, to: 7n });
  expect(advanceOver(OFFSETS, range(1, 3n, 7n), null)).toEqual({ partition: 1, from: null, to: 7n });
  expect(() => advanceOver(OFFSETS, range(1, 6n, 7n), 5n)).toThrow(/goes on at offset 6, .* up to 5/);
});
