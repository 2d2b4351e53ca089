import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import fc from 'fast-check';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../src/database.ts';
import { foldBatches } from '../src/fold/fold-batches.ts';
import { release } from '../src/refused/release.ts';
import { retireSeen } from '../src/seen/retire-seen.ts';
import {
  accessDenied,
  DAY_MS,
  HOUR_MS,
  itemsOf,
  limitEventsBatch,
  NOON,
  usageAdjusted,
  usageBatch,
  usageRecord,
} from './given.ts';

let database: TestDatabase;
let db: DataSource;

beforeEach(async () => {
  database = await createTestDatabase();
  db = await openDatabase(database.url, pino({ level: 'silent' }));
});
afterEach(async () => {
  await db.destroy();
  await database.drop();
});

describe('a batch', () => {
  it('becomes one line for each hour, team, key, model and kind, exactly', async () => {
    const usage = [
      usageRecord({ id: 'a', admittedAtMs: NOON - 1, cost: '0.000000000001' }),
      usageRecord({ id: 'b' }),
      usageRecord({ id: 'c', cost: '99999999999.999999999999', tokens: Number.MAX_SAFE_INTEGER - 6 }),
      usageRecord({ id: 'd', cost: null }),
      usageRecord({ id: 'e', key: 'key_b' }),
      accessDenied(),
    ];
    const batches = [usageBatch(0, 0, usage), limitEventsBatch(0, 0, [usageAdjusted({ id: 'adj' })])];
    expect(await foldBatches(db, batches, NOON)).toEqual({
      applied: 6,
      duplicates: 0,
      ignored: 1,
      refused: { ahead: 0, behind: 0, malformed: 0 },
      alreadyFolded: 0,
      unreadable: 0,
    });
    expect(await itemsOf(db)).toEqual([
      '23 11h team_a/key_a/fake-small/usage: 1 0 16 1 @1',
      '23 12h team_a/key_a//adjustment: 0 0 -5 -250000000000 @1',
      `23 12h team_a/key_a/fake-small/usage: 3 1 ${2n ** 53n - 1n + 32n} 100000000000009999999999 @1`,
      '23 12h team_a/key_b/fake-small/usage: 1 0 16 10000000000 @1',
    ]);
  });

  it('counts a record once that comes twice in it, again in a later one, or on another partition', async () => {
    const record = usageRecord({ id: 'a' });
    await foldBatches(db, [usageBatch(0, 0, [record, record])], NOON);
    await foldBatches(db, [usageBatch(0, 2, [record]), usageBatch(1, 0, [record])], NOON);
    const credit = usageAdjusted({ id: 'a' });
    await foldBatches(db, [limitEventsBatch(0, 0, [credit, credit])], NOON);
    await foldBatches(db, [limitEventsBatch(0, 2, [credit])], NOON);
    expect(await itemsOf(db)).toEqual([
      '23 12h team_a/key_a//adjustment: 0 0 -5 -250000000000 @1',
      '23 12h team_a/key_a/fake-small/usage: 1 0 16 10000000000 @1',
    ]);
  });

  it('counts nothing again when it is delivered again, whole or in part', async () => {
    const records = ['a', 'b', 'c'].map((id) => usageRecord({ id }));
    await foldBatches(db, [usageBatch(0, 0, records.slice(0, 2))], NOON);
    expect(await foldBatches(db, [usageBatch(0, 0, records)], NOON)).toMatchObject({
      applied: 1,
      alreadyFolded: 2,
    });
    expect(await foldBatches(db, [usageBatch(0, 1, records.slice(1))], NOON)).toMatchObject({
      applied: 0,
      alreadyFolded: 2,
    });
    expect(await itemsOf(db)).toEqual(['23 12h team_a/key_a/fake-small/usage: 3 0 48 30000000000 @2']);
  });

  it('that is late changes the lines of its own hours, and their revisions grow', async () => {
    await foldBatches(db, [usageBatch(0, 0, [usageRecord({ id: 'a', admittedAtMs: NOON })])], NOON);
    const late = [
      usageRecord({ id: 'b', admittedAtMs: NOON + 1 }),
      usageRecord({ id: 'c', admittedAtMs: NOON + 2 }),
    ];
    await foldBatches(db, [usageBatch(0, 1, late)], NOON + 30 * DAY_MS);
    expect(await itemsOf(db)).toEqual(['23 12h team_a/key_a/fake-small/usage: 3 0 48 30000000000 @2']);
    const [{ updated_at }] = await db.query('SELECT updated_at FROM billing.line_items');
    expect(updated_at.getTime()).toBe(NOON + 30 * DAY_MS);
  });

  it('puts records aside that belong to no hour that is billed, and bills them when they are released', async () => {
    const records = [
      usageRecord({ id: 'ahead', admittedAtMs: NOON + 5 * 60_000 + 1 }),
      usageRecord({ id: 'behind', admittedAtMs: NOON - 35 * DAY_MS - 1 }),
      usageRecord({ id: 'malformed', team: 't'.repeat(129) }),
    ];
    expect(await foldBatches(db, [usageBatch(0, 0, records)], NOON)).toMatchObject({
      applied: 0,
      refused: { ahead: 1, behind: 1, malformed: 1 },
    });
    expect(await itemsOf(db)).toEqual([]);

    const ids = ['ahead', 'behind', 'malformed', 'nobody'];
    const body = { ids, reason: 'spec', actor: 'spec' };
    const answer = { released: ['ahead', 'behind'], duplicates: [], malformed: ['malformed'] };
    expect(await release(db, body, NOON)).toEqual({ ...answer, unknown: ['nobody'] });
    expect(await release(db, body, NOON)).toMatchObject({
      released: [],
      unknown: ['ahead', 'behind', 'nobody'],
    });
    expect(await itemsOf(db)).toHaveLength(2);
    expect(await foldBatches(db, [usageBatch(0, 0, records)], NOON)).toMatchObject({ alreadyFolded: 3 });
  });

  it('stores what PostgreSQL cannot, with a replacement, and cuts names that no index takes', async () => {
    const model = `\0\ud800${'m'.repeat(3_000)}`;
    const far = usageRecord({ id: 'far\0', model, admittedAtMs: NOON + DAY_MS });
    await foldBatches(db, [usageBatch(0, 0, [usageRecord({ id: 'a\0', model }), far])], NOON);
    await foldBatches(db, [usageBatch(0, 2, [usageRecord({ id: 'a\0', model })])], NOON);
    const [{ model: kept, requests }] = await db.query('SELECT model, requests FROM billing.line_items');
    expect([kept, requests]).toEqual([`\ufffd\ufffd${'m'.repeat(126)}`, '1']);
  });

  it('comes to the same lines in any split and order, with any duplicates', async () => {
    const record = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
      hour: fc.integer({ min: -3, max: 0 }),
    });
    const all = [...'abcdefgh'].flatMap((id) =>
      [-2, -1, 0].map((hour) => usageRecord({ id, admittedAtMs: NOON + hour * HOUR_MS })),
    );
    await foldBatches(db, [usageBatch(0, 0, all)], NOON);
    const expected = (await itemsOf(db)).map((line) => line.replace(/ @\d+$/, ''));
    expect(expected).toHaveLength(3);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(all, { minLength: all.length }),
        fc.array(record),
        async (some, extra) => {
          await db.query('TRUNCATE billing.line_items, billing.seen_usage, billing.usage_offsets');
          const doubled = [
            ...some,
            ...extra
              .map(({ id, hour }) => usageRecord({ id, admittedAtMs: NOON + hour * HOUR_MS }))
              .filter(({ admitted_at }) => all.some((each) => each.admitted_at === admitted_at)),
          ];
          for (let at = 0; at < doubled.length; at += 7) {
            await foldBatches(db, [usageBatch(at % 3, at, doubled.slice(at, at + 7))].map(first), NOON);
          }
          expect((await itemsOf(db)).map((line) => line.replace(/ @\d+$/, ''))).toEqual(expected);
        },
      ),
      { numRuns: 10 },
    );
  }, 60_000);
});

/** Partitions of their own for each batch, so that offsets need not follow one another. */
let partition = 100;
const first = <T extends { partition: number }>(batch: T): T => {
  partition += 1;
  return { ...batch, partition };
};

describe('the position in the topics', () => {
  it('that is set back to an earlier one brings records again, and they count nothing twice', async () => {
    await foldBatches(db, [usageBatch(0, 0, [usageRecord({ id: 'a' })])], NOON);
    await db.query('UPDATE billing.usage_offsets SET next_offset = 0');
    const batch = usageBatch(0, 0, [usageRecord({ id: 'a' }), usageRecord({ id: 'b' })]);
    expect(await foldBatches(db, [batch], NOON)).toMatchObject({ applied: 1, duplicates: 1 });
    expect(await itemsOf(db)).toEqual(['23 12h team_a/key_a/fake-small/usage: 2 0 32 20000000000 @2']);
  });

  it('lets two consumers of one partition count a batch once', async () => {
    const batch = usageBatch(
      0,
      0,
      ['a', 'b'].map((id) => usageRecord({ id })),
    );
    const outcomes = await Promise.all([1, 2, 3].map(() => foldBatches(db, [batch], NOON)));
    expect(outcomes.reduce((sum, { applied }) => sum + applied, 0)).toBe(2);
    expect(await itemsOf(db)).toEqual(['23 12h team_a/key_a/fake-small/usage: 2 0 32 20000000000 @1']);
  });

  it('stops the process where records are gone that were never billed, or the topic was made anew', async () => {
    await foldBatches(db, [usageBatch(3, 0, [usageRecord({ id: 'a' })])], NOON);
    await expect(foldBatches(db, [usageBatch(3, 5, [usageRecord({ id: 'b' })])], NOON)).rejects.toThrow(
      /usage partition 3 goes on at offset 5, but it is folded up to 1/,
    );
    await expect(foldBatches(db, [usageBatch(3, 0, [usageRecord({ id: 'other' })])], NOON)).rejects.toThrow(
      'the topic was made anew',
    );
    expect(await itemsOf(db)).toHaveLength(1);
  });
});

describe('what is remembered to tell duplicates', () => {
  it('is kept 40 days of usage and 100 of corrections, then forgotten at once', async () => {
    const seen = async () => {
      const [row] = await db.query(`SELECT (SELECT count(*)::int FROM billing.seen_usage) AS usage,
        (SELECT count(*)::int FROM billing.seen_adjustments) AS adjustments`);
      return [row.usage, row.adjustments];
    };
    await foldBatches(
      db,
      [usageBatch(0, 0, [usageRecord({ id: 'a' })]), limitEventsBatch(0, 0, [usageAdjusted({ id: 'b' })])],
      NOON,
    );
    await retireSeen(db, NOON + 40 * DAY_MS);
    expect(await seen()).toEqual([1, 1]);
    await retireSeen(db, NOON + 41 * DAY_MS);
    expect(await seen()).toEqual([0, 1]);
    await retireSeen(db, NOON + 100 * DAY_MS + 1);
    expect(await seen()).toEqual([0, 0]);
    expect(await itemsOf(db)).toHaveLength(2);
  });
});
