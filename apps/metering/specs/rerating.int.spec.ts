import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenCounts, UsageAdjusted, UsageRecorded } from '@tollgate/contracts/events';
import type { ReratingBody } from '@tollgate/contracts/operations-http';
import { type PriceBook, readPriceBook } from '@tollgate/prices/price-book';
import { outcomeOf } from '@tollgate/service-kit/progress';
import { eventually } from '@tollgate/testing/eventually';
import type { DataSource } from 'typeorm';
import { lockCorrections } from '../src/corrections/apply-corrections.ts';
import { closePeriods } from '../src/limits/close-periods.ts';
import { readMeter } from '../src/meters/read-meter.ts';
import { rebuild } from '../src/rebuild/rebuild.ts';
import { rerateUsage } from '../src/rerating/rerate-usage.ts';
import { readStatement } from '../src/statements/read-statement.ts';
import {
  applyKeyChange,
  DAY_MS,
  foldBatch,
  givenDatabase,
  keyChanged,
  NOON,
  takeOutbox,
  totalsOf,
  type Usage,
  usageBatch,
  usageRecord,
} from './given.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-rerating-'));
let db: DataSource;
let drop: () => Promise<void>;
let folded: number;

beforeEach(async () => {
  ({ db, drop } = await givenDatabase());
  folded = 0;
});
afterEach(() => drop());
afterAll(() => rmSync(folder, { recursive: true }));

/** USD per million tokens of `fake-small`. */
function pricesOf(input: string, more: object = {}): PriceBook {
  const file = join(folder, 'prices.json');
  writeFileSync(file, JSON.stringify({ models: { 'fake-small': { input, output: input, ...more } } }));
  return readPriceBook(file);
}

type Fields = Omit<Partial<UsageRecorded>, 'tokens'>;
const use = async (...usages: (Usage & Fields & { counts?: TokenCounts })[]) => {
  const records = usages.map(({ counts, ...fields }): UsageRecorded => {
    const record = { ...usageRecord(fields), ...fields };
    return { ...record, tokens: counts ?? usageRecord(fields).tokens };
  });
  await foldBatch(db, usageBatch(0, folded, records), NOON);
  folded += records.length;
};
const rerated = (prices: PriceBook, fields: Partial<ReratingBody> = {}) =>
  outcomeOf(
    rerateUsage(
      db,
      {
        from: new Date(NOON - 30 * DAY_MS).toISOString(),
        apply: true,
        reason: 'new prices',
        actor: 'adm_spec',
        ...fields,
      },
      prices,
      NOON + 1,
    ),
  );
const waitingForLocks = async (): Promise<number> => {
  const [row] = await db.query(
    `SELECT count(*)::int AS waiting FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return row.waiting;
};
const costOf = async (scopeId: string) => (await readMeter(db.manager, scopeId, NOON)).meter.cost_usd;

it('makes every record cost what the prices say, wherever it counts, and leaves the records as they were', async () => {
  await use(
    { id: 'a', tokens: 10 },
    { id: 'b', tokens: 20, key: 'key_b' },
    { id: 'c', tokens: 30, cost: null },
  );
  const before = await db.query('SELECT * FROM usage_ledger ORDER BY id');
  const result = await rerated(pricesOf('2'));
  expect(result).toMatchObject({
    records: 3,
    unpriced: 0,
    corrected: 3,
    differing: { records: 3, was_usd: '0.02', is_usd: '0.00012', difference_usd: '-0.01988' },
    lines: [{ day: '2026-11-23', provider: 'fake', model: 'fake-small', records: 3 }],
  });
  expect([await costOf('key_a'), await costOf('key_b')]).toEqual(['0.00008', '0.00004']);
  expect([await costOf('team_a'), await costOf('org_default')]).toEqual(['0.00012', '0.00012']);
  expect(await db.query(`SELECT * FROM usage_ledger WHERE kind = 'usage' ORDER BY id`)).toEqual(before);
  expect(await outcomeOf(rebuild(db, { repair: false, actor: 'adm_spec' }, NOON))).toMatchObject({
    equal: true,
  });
});

it('explains each correction: by the record it is about, the prices, and why', async () => {
  await use({ id: 'a', tokens: 10 });
  await takeOutbox(db);
  const prices = pricesOf('2');
  await rerated(prices);
  const statement = await readStatement(db, 'key_a', { limit: 100 }, NOON);
  expect(statement.data).toMatchObject([
    { kind: 'usage', balance: { cost_usd: '0.01' } },
    { kind: 'rerating', adjusts: 'a', reason: 'new prices', cost_usd: '-0.00998', tokens: 0, requests: 0 },
  ]);
  expect(statement.data.at(-1)!.balance).toEqual(statement.meter);
  const told = (await takeOutbox(db, 'key_a')) as unknown as (UsageAdjusted & { type: string })[];
  expect(told.find(({ type }) => type === 'tollgate.usage.adjusted')).toMatchObject({
    kind: 'rerating',
    adjusts: 'a',
    model: 'fake-small',
    price_version: prices.version,
    actor: 'adm_spec',
  });
});

it('done again changes nothing, and by the first prices goes all the way back', async () => {
  await use({ id: 'a', tokens: 10, cost: '0.00001' }, { id: 'b', tokens: 7, cost: '0.000007' });
  await rerated(pricesOf('3'));
  expect(await rerated(pricesOf('3'))).toMatchObject({ records: 2, corrected: 0, differing: { records: 0 } });
  await rerated(pricesOf('5'));
  await rerated(pricesOf('1'));
  expect(await costOf('key_a')).toBe('0.000017');
});

it('only tells what would come of it unless it is to apply it', async () => {
  await use({ id: 'a', tokens: 10 });
  await takeOutbox(db);
  const before = await totalsOf(db, 'key_a');
  const dry = await rerated(pricesOf('2'), { apply: false });
  expect(dry).toMatchObject({ corrected: 0, differing: { difference_usd: '-0.00998' } });
  expect([await totalsOf(db, 'key_a'), await takeOutbox(db)]).toEqual([before, []]);
  expect(await rerated(pricesOf('2'))).toMatchObject({ differing: dry.differing, corrected: 1 });
});

it('rates the parts of a class by their own prices, and leaves what has no price or is a bound', async () => {
  const counts = {
    input: 0,
    cached_input: 0,
    cache_write: 10,
    output: 0,
    reasoning: 0,
    total: 10,
    cache_write_1h: 4,
  };
  const anthropic = {
    provider: 'anthropic',
    upstream_model: 'claude-sonnet-4-5',
    model: 'claude-sonnet-4-5',
  };
  await use(
    { id: 'parts', ...anthropic, counts },
    { id: 'unknown', upstream_model: 'nobody-knows' },
    { id: 'orphan', status: 'orphaned' },
  );
  const prices = readPriceBook(new URL('../../../infra/prices.json', import.meta.url).pathname);
  // Catalog: 3.75 USD per million tokens kept for minutes, 6 for those kept for an hour.
  expect(await rerated(prices)).toMatchObject({
    records: 3,
    unpriced: 1,
    bounds: 1,
    differing: { records: 1, is_usd: '0.0000465' },
  });
});

it('counts in the period of the attempt, also where that was closed, and unblocks what is no longer over', async () => {
  const limits = { reset_period: 'daily', cost_usd: '0.01' } as const;
  await applyKeyChange(db, keyChanged({ version: 1, limits }), NOON - 2 * DAY_MS);
  await use({ id: 'then', tokens: 10, admittedAtMs: NOON - DAY_MS }, { id: 'now', tokens: 10 });
  await closePeriods(db, NOON);
  expect((await readMeter(db.manager, 'key_a', NOON)).meter.blocked).toEqual(['cost_usd']);
  await takeOutbox(db);

  await rerated(pricesOf('2'));
  expect(Object.values(await totalsOf(db, 'key_a'))).toEqual(['20000000 10 1', '20000000 10 1']);
  expect((await takeOutbox(db, 'key_a')).filter(({ type }) => type === 'metered').at(-1)).toMatchObject({
    blocked: [],
    period: { id: '2026-11-23' },
    used: { cost_usd: '0.00002' },
  });
});

it('takes what it is asked for: a scope, a provider, a model, a time', async () => {
  await use(
    { id: 'a' },
    { id: 'b', key: 'key_b' },
    { id: 'c', model: 'alias' },
    { id: 'd', provider: 'other' },
    { id: 'e', admittedAtMs: NOON - DAY_MS },
  );
  const looked = async (fields: Partial<ReratingBody>) =>
    (await rerated(pricesOf('2'), { apply: false, ...fields })).records;
  expect(await looked({})).toBe(5);
  expect(await looked({ scope_id: 'key_b' })).toBe(1);
  expect(await looked({ model: 'alias' })).toBe(1);
  expect(await looked({ provider: 'other' })).toBe(1);
  expect(await looked({ from: new Date(NOON - 1).toISOString() })).toBe(4);
  expect(await looked({ to: new Date(NOON).toISOString() })).toBe(1);
});

it('corrects nothing twice where two begin at once, while records go on coming', async () => {
  await use(...Array.from({ length: 50 }, (_, i) => ({ id: `r${i}`, tokens: 10 })));
  const first = db.createQueryRunner();
  await first.startTransaction();
  await first.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  await lockCorrections(first.manager);
  const both = Promise.all([rerated(pricesOf('2')), rerated(pricesOf('2'))]);
  await eventually(async () => expect(await waitingForLocks()).toBe(2));
  await use(...Array.from({ length: 20 }, (_, i) => ({ id: `late ${i}`, tokens: 10, cost: '0.00002' })));
  await first.commitTransaction();
  await first.release();

  const results = await both;
  expect(results[0].corrected + results[1].corrected).toBe(50);
  expect(await costOf('key_a')).toBe('0.0014');
  expect(await outcomeOf(rebuild(db, { repair: false, actor: 'adm_spec' }, NOON))).toMatchObject({
    equal: true,
  });
});

it('rates more than a page, tells how far it is, and is kept among the operations', async () => {
  const many = Array.from({ length: 2_500 }, (_, i) => ({ id: `r${i}`, tokens: 10, key: `key_${i % 40}` }));
  await use(...many);
  const body = { from: new Date(NOON).toISOString(), apply: true, reason: 'new prices', actor: 'adm_spec' };
  const work = rerateUsage(db, body, pricesOf('2'), NOON + 1);
  const progress: number[] = [];
  let step = await work.next();
  for (; !step.done; step = await work.next()) progress.push(step.value.records);
  expect(progress).toEqual([1_000, 2_000, 2_500]);
  expect(step.value).toMatchObject({ corrected: 2_500, differing: { is_usd: '0.05' } });
  expect(await costOf('org_default')).toBe('0.05');
  expect(await db.query('SELECT kind, actor, result FROM operations')).toMatchObject([
    { kind: 'rerate', actor: 'adm_spec', result: { corrected: 2_500 } },
  ]);
});
