import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import {
  applyKeyChange,
  DAY_MS,
  foldBatch,
  givenDatabase,
  keyChanged,
  NOON,
  type Usage,
  usageBatch,
  usageRecord,
} from './given.ts';

let drop: () => Promise<void>;
let db: DataSource;

beforeAll(async () => {
  ({ db, drop } = await givenDatabase());
});
afterAll(() => drop());

const usage = fc.record({
  key: fc.constantFrom('key_a', 'key_b'),
  admittedAtMs: fc.integer({ min: NOON - 3 * DAY_MS, max: NOON }),
  generation: fc.nat(1),
  tokens: fc.nat(Number.MAX_SAFE_INTEGER),
  cost: fc.constantFrom(null, '0.00', '0.000000000001', '123456789.123456789012'),
});

/** Scopes, partition and ids of their own for each history, so that all can share a database. */
let histories = 0;

/** Folds the records in batches that end at `cuts`, each batch delivered again when `redelivered` says so. */
async function totalsAfter(
  usages: readonly Usage[],
  cuts: readonly number[],
  redelivered: readonly boolean[],
) {
  const run = ++histories;
  const own = (key = '') => `${key}_run${run}`;
  for (const [i, key] of ['key_a', 'key_b'].entries()) {
    const limits = { tokens: 1_000, reset_period: (['daily', 'monthly'] as const)[i]! };
    await applyKeyChange(db, keyChanged({ id: own(key), version: 1, limits }), NOON);
  }
  const records = usages.map((u) =>
    usageRecord({ ...u, id: `${u.id}/${run}`, key: own(u.key), team: `team_run${run}` }),
  );
  const bounds = [0, ...cuts.map((cut) => cut % (records.length + 1)).sort((a, b) => a - b), records.length];
  for (const [i, start] of bounds.slice(0, -1).entries()) {
    const batch = usageBatch(run, start, records.slice(start, bounds[i + 1]));
    if (batch.events.length === 0) continue;
    await foldBatch(db, batch, NOON);
    if (redelivered[i % redelivered.length]) await foldBatch(db, batch, NOON);
  }
  const rows: { scope_id: string }[] = await db.query(
    `SELECT * FROM totals WHERE scope_id LIKE $1 ORDER BY scope_id, generation, period_id`,
    [`%\\_run${run}`],
  );
  const [{ ledger }] = await db.query('SELECT count(*)::int AS ledger FROM usage_ledger WHERE team_id = $1', [
    `team_run${run}`,
  ]);
  return { ledger, totals: JSON.stringify(rows).replaceAll(`_run${run}"`, '"') };
}

it('gives byte-equal totals for any batch split, any order, and any duplicates', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(usage, { minLength: 1, maxLength: 25 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(24), { maxLength: 8 }),
      fc.infiniteStream(fc.nat()),
      async (usages, cuts, redelivered, copies, ranks) => {
        const distinct = usages.map((u, i) => ({ ...u, id: `req_${i}/1` }));
        const doubled = [...distinct, ...copies.map((i) => distinct[i % distinct.length]!)]
          .map((u) => [ranks.next().value, u] as const)
          .sort(([a], [b]) => a - b)
          .map(([, u]) => u);
        const once = await totalsAfter(distinct, [], [false]);
        expect(once.ledger).toBe(distinct.length);
        expect(await totalsAfter(doubled, cuts, redelivered)).toEqual(once);
      },
    ),
    { numRuns: 40 },
  );
});
