import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { publishLate } from '../src/limits/publish-late.ts';
import {
  applyKeyChange,
  foldBatch,
  givenDatabase,
  keyChanged,
  NOON,
  takeOutbox,
  usageBatch,
  usageRecord,
} from './given.ts';

const LIMIT = 1_000;
const NEAR_LIMIT = 950;
/** The timekeeper looks this often. */
const LOOK_MS = 250;
/** The bounds that docs/failure-modes.md states. */
const MOST_UNSEEN = LIMIT / 100;
const LONGEST_NEAR_MS = 50 + LOOK_MS;
const LONGEST_MS = 10_000 + LOOK_MS;

let drop: () => Promise<void>;
let db: DataSource;
let keys = 0;

beforeAll(async () => {
  ({ db, drop } = await givenDatabase());
});
afterAll(() => drop());

interface Reader {
  tokens: number;
  blocked: boolean;
}

/** What a reader of the meter sees now. */
async function look(key: string, reader: Reader): Promise<void> {
  for (const { type, used, blocked } of await takeOutbox(db, key)) {
    if (type === 'metered') Object.assign(reader, { tokens: used.tokens, blocked: blocked.length > 0 });
  }
}

it('what readers see of a meter is late by no more than is stated, whatever is used and when', async () => {
  const step = fc.record({
    afterMs: fc.integer({ min: 1, max: 400 }),
    tokens: fc.integer({ min: 0, max: 60 }),
  });
  let published = 0;
  let folded = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      keys += 1;
      const key = `key_${keys}`;
      const startMs = NOON;
      await applyKeyChange(db, keyChanged({ id: key, version: 1, limits: { tokens: LIMIT } }), startMs);
      const reader: Reader = { tokens: 0, blocked: false };
      let nowMs = startMs;
      let lookMs = startMs + LOOK_MS;
      let used = 0;
      /** Since when a use waits to be seen. */
      let unseenSinceMs: number | null = null;
      const check = async () => {
        const before = reader.tokens;
        await look(key, reader);
        if (reader.tokens !== before) published += 1;
        if (reader.tokens === used) unseenSinceMs = null;
        const unseen = used - reader.tokens;
        const waitedMs = unseenSinceMs === null ? 0 : nowMs - unseenSinceMs;
        expect(reader.blocked).toBe(used >= LIMIT);
        if (used < NEAR_LIMIT) expect(unseen).toBeLessThan(MOST_UNSEEN);
        else expect(waitedMs).toBeLessThanOrEqual(LONGEST_NEAR_MS);
        expect(waitedMs).toBeLessThanOrEqual(LONGEST_MS);
      };
      const pass = async (untilMs: number) => {
        while (lookMs <= untilMs) {
          nowMs = lookMs;
          await publishLate(db, nowMs);
          await check();
          lookMs += LOOK_MS;
        }
        nowMs = untilMs;
      };
      for (const [i, { afterMs, tokens }] of steps.entries()) {
        await pass(nowMs + afterMs);
        const record = usageRecord({
          id: `${key}/${i}`,
          key,
          team: `team_${key}`,
          tokens,
          admittedAtMs: nowMs,
        });
        await foldBatch(db, usageBatch(keys, i, [record]), nowMs);
        folded += 1;
        used += tokens;
        if (tokens > 0) unseenSinceMs ??= nowMs;
        await check();
      }
      await pass(nowMs + LONGEST_MS);
      expect(reader.tokens).toBe(used);
    }),
    { numRuns: 8 },
  );
  // Fewer than every change: that is what the steps are for.
  expect(published).toBeLessThan(folded);
}, 120_000);

it('a thousand small uses far from the limit leave as a handful of meters', async () => {
  await applyKeyChange(db, keyChanged({ id: 'key_busy', version: 1, limits: { tokens: 1_000_000 } }), NOON);
  await takeOutbox(db);
  for (let i = 0; i < 100; i += 1) {
    const records = Array.from({ length: 10 }, (_, n) =>
      usageRecord({
        id: `busy/${i}/${n}`,
        key: 'key_busy',
        team: 'team_busy',
        tokens: 30,
        admittedAtMs: NOON + i,
      }),
    );
    await foldBatch(db, usageBatch(100, i * 10, records), NOON + i);
  }
  const sent = (await takeOutbox(db)).filter(({ type }) => type === 'metered');
  const of = (scopeId: string) => sent.filter(({ scope_id }) => scope_id === scopeId).map(({ used }) => used);
  // 30 000 of 1 000 000 are three steps of 1 %.
  expect(of('key_busy').map(({ tokens }) => tokens)).toEqual([10_200, 20_400]);
  // Gateways keep each record until its team's meter has it, too.
  expect(of('team_busy').map(({ requests }) => requests)).toEqual([1_000]);
});
