import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../src/database.ts';
import { closePeriods } from '../src/limits/close-periods.ts';
import { publishLate } from '../src/limits/publish-late.ts';
import {
  applyKeyChange,
  DAY_MS,
  foldBatch,
  keyChanged,
  NOON,
  takeOutbox,
  usageBatch,
  usageRecord,
} from './given.ts';

const MIDNIGHT = Date.parse('2026-11-24T00:00:00.000Z');
let database: TestDatabase;
let db: DataSource;
let other: DataSource;

beforeEach(async () => {
  database = await createTestDatabase();
  const logger = pino({ level: 'silent' });
  db = await openDatabase(database.url, logger);
  other = await openDatabase(database.url, logger);
});
afterEach(async () => {
  await Promise.all([db.destroy(), other.destroy()]);
  await database.drop();
});

const daily = (id: string, tokens = 100) =>
  applyKeyChange(db, keyChanged({ id, version: 1, limits: { tokens, reset_period: 'daily' } }), NOON);
const resets = (sent: { id: string; type: string }[]) => sent.filter(({ type }) => type === 'reset');

describe('the end of a period', () => {
  it('is told once, with what was used, and the next period’s meter follows', async () => {
    await daily('key_a');
    await foldBatch(db, usageBatch(0, 0, [usageRecord({ id: 'a', tokens: 100 })]), NOON);
    await takeOutbox(db);

    expect(await closePeriods(db, MIDNIGHT - 1)).toBe(0);
    expect(await closePeriods(db, MIDNIGHT)).toBe(1);
    expect(await closePeriods(db, MIDNIGHT + 250)).toBe(0);
    expect(await takeOutbox(db, 'key_a')).toMatchObject([
      {
        type: 'reset',
        id: 'key_a/2026-11-23/g0/reset',
        period: { id: '2026-11-23' },
        used: { tokens: 100 },
        blocked: [],
        resets_at: '2026-11-25T00:00:00.000Z',
        reason: 'period',
      },
      { type: 'metered', period: { id: '2026-11-24' }, used: { tokens: 0 }, blocked: [], reason: 'period' },
    ]);
  });

  it('is told once for each period that had use, also after days of downtime', async () => {
    await daily('key_a');
    const used = [3, 2, 0].map((days) => usageRecord({ id: `${days}`, admittedAtMs: NOON - days * DAY_MS }));
    await foldBatch(db, usageBatch(0, 0, used), NOON);
    await takeOutbox(db);
    await closePeriods(db, NOON + 10 * DAY_MS);
    const sent = await takeOutbox(db, 'key_a');
    expect(resets(sent).map(({ id }) => id)).toEqual([
      'key_a/2026-11-20/g0/reset',
      'key_a/2026-11-21/g0/reset',
      'key_a/2026-11-23/g0/reset',
    ]);
    expect(sent.at(-1)).toMatchObject({ type: 'metered', period: { id: '2026-12-03' } });
  });

  it('is told once by any number of instances at the same time', async () => {
    const keys = Array.from({ length: 60 }, (_, i) => `key_${i}`);
    for (const key of keys) await daily(key);
    await foldBatch(
      db,
      usageBatch(
        0,
        0,
        keys.map((key) => usageRecord({ id: key, key })),
      ),
      NOON,
    );
    await takeOutbox(db);
    while ((await Promise.all([db, other, db, other].map((at) => closePeriods(at, MIDNIGHT)))).some(Boolean));
    const ids = resets(await takeOutbox(db)).map(({ id }) => id);
    expect(ids.sort()).toEqual(keys.map((key) => `${key}/2026-11-23/g0/reset`).sort());
  });

  it('is not told again because of a late record, which joins the ended period', async () => {
    await daily('key_a');
    await foldBatch(db, usageBatch(0, 0, [usageRecord({ id: 'a' })]), NOON);
    await closePeriods(db, MIDNIGHT);
    await takeOutbox(db);
    const late = usageRecord({ id: 'late', admittedAtMs: MIDNIGHT - 1, tokens: 100 });
    await foldBatch(db, usageBatch(0, 1, [late]), MIDNIGHT + 60_000);
    expect(await closePeriods(db, MIDNIGHT + 60_000)).toBe(0);
    expect((await takeOutbox(db, 'key_a')).filter(({ type }) => type !== 'metered')).toEqual([]);
  });
});

describe('use admitted by a clock ahead of ours', () => {
  it('counts when its period begins, and warns then', async () => {
    await daily('key_a');
    const ahead = usageRecord({ id: 'ahead', admittedAtMs: MIDNIGHT + 10, tokens: 100 });
    await foldBatch(db, usageBatch(0, 0, [ahead]), MIDNIGHT - 20);
    expect(await takeOutbox(db, 'key_a')).toEqual([]);
    expect(await publishLate(db, MIDNIGHT - 1)).toBe(0);
    await publishLate(db, MIDNIGHT);
    expect((await takeOutbox(db, 'key_a')).at(-1)).toMatchObject({
      type: 'metered',
      period: { id: '2026-11-24' },
      used: { tokens: 100 },
      blocked: ['tokens'],
    });
  });
});

describe('a change that is too small to publish at once', () => {
  it('leaves within 10 s', async () => {
    await daily('key_a', 100_000);
    await foldBatch(db, usageBatch(0, 0, [usageRecord({ id: 'a' })]), NOON);
    expect(await takeOutbox(db, 'key_a')).toEqual([]);
    await publishLate(db, NOON + 9_999);
    expect(await takeOutbox(db, 'key_a')).toEqual([]);
    await publishLate(db, NOON + 10_000);
    expect(await takeOutbox(db, 'key_a')).toMatchObject([{ type: 'metered', used: { tokens: 10 } }]);
    expect(await publishLate(db, NOON + 60_000)).toBe(0);
  });

  it('leaves without the warning that was told before', async () => {
    await daily('key_a', 1_000);
    await foldBatch(db, usageBatch(0, 0, [usageRecord({ id: 'a', tokens: 600 })]), NOON);
    expect((await takeOutbox(db, 'key_a')).map(({ type }) => type)).toEqual(['warned', 'metered']);
    await foldBatch(db, usageBatch(0, 1, [usageRecord({ id: 'b', tokens: 1 })]), NOON);
    await publishLate(db, NOON + 10_000);
    expect(await takeOutbox(db, 'key_a')).toMatchObject([{ type: 'metered', used: { tokens: 601 } }]);
  });

  it('leaves too where it only says that a duplicate was read', async () => {
    await daily('key_a');
    await foldBatch(db, usageBatch(0, 0, [usageRecord({ id: 'a' })]), NOON);
    await publishLate(db, NOON + 10_000);
    await takeOutbox(db);
    await foldBatch(db, usageBatch(0, 1, [usageRecord({ id: 'a' })]), NOON + 11_000);
    await publishLate(db, NOON + 21_000);
    expect((await takeOutbox(db, 'key_a')).map(({ through }) => through)).toEqual([{ '0': '2' }]);
  });
});
