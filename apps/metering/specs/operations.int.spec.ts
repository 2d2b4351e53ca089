import type { CreditBody } from '@tollgate/contracts/operations-http';
import { outcomeOf } from '@tollgate/service-kit/progress';
import type { DataSource } from 'typeorm';
import { credit } from '../src/corrections/credit.ts';
import { readMeter } from '../src/meters/read-meter.ts';
import { release } from '../src/quarantine/release.ts';
import { listQuarantined } from '../src/quarantine/sql/take-quarantined.ts';
import { rebuild } from '../src/rebuild/rebuild.ts';
import { retire } from '../src/retention/retire.ts';
import { findMonths } from '../src/retention/sql/months.ts';
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

let drop: () => Promise<void>;
let db: DataSource;
let folded: number;

beforeEach(async () => {
  ({ db, drop } = await givenDatabase());
  folded = 0;
});
afterEach(() => drop());

const use = async (...usages: Usage[]) => {
  const batch = usageBatch(0, folded, usages.map(usageRecord));
  folded += usages.length;
  await foldBatch(db, batch, NOON);
};
const rebuilt = (repair = false) => outcomeOf(rebuild(db, { repair, actor: 'adm_spec' }, NOON));
const operations = () =>
  db.query('SELECT kind, actor, ended_at IS NOT NULL AS ended, result FROM operations');

describe('a rebuild', () => {
  const limits = { reset_period: 'daily', timezone: 'Asia/Kathmandu', tokens: 50 } as const;
  beforeEach(async () => {
    await applyKeyChange(db, keyChanged({ version: 1, limits }), NOON - 3 * DAY_MS);
    await use(
      ...Array.from({ length: 60 }, (_, i) => ({
        id: `r${i}`,
        key: i % 3 ? 'key_a' : 'key_b',
        team: i % 2 ? 'team_a' : 'team_b',
        tokens: i,
        cost: i % 5 ? '0.000000000001' : null,
        generation: i % 7 === 0 ? 1 : 0,
        admittedAtMs: NOON - i * 3_600_000,
      })),
    );
  });

  it('of totals that are right finds the same bytes, and changes nothing', async () => {
    await takeOutbox(db);
    const result = await rebuilt(true);
    expect(result).toMatchObject({ scopes: 5, records: 60, equal: true, differing: 0, repaired: 0 });
    expect(result.kept_sha256).toBe(result.ledger_sha256);
    expect(await takeOutbox(db)).toEqual([]);
  });

  it('names the scopes that the ledger contradicts, and sets them right only where it is told to', async () => {
    const right = { key: await totalsOf(db, 'key_a'), team: await totalsOf(db, 'team_b') };
    await db.query(`UPDATE totals SET tokens = tokens + 1 WHERE scope_id = 'key_a'`);
    await db.query(`DELETE FROM totals WHERE scope_id = 'team_b'`);
    const found = await rebuilt();
    expect(found).toMatchObject({
      equal: false,
      differing: 2,
      differing_ids: ['key_a', 'team_b'],
      repaired: 0,
    });
    expect(await totalsOf(db, 'team_b')).toEqual({});

    expect(await rebuilt(true)).toMatchObject({
      equal: false,
      repaired: 2,
      ledger_sha256: found.ledger_sha256,
    });
    expect({ key: await totalsOf(db, 'key_a'), team: await totalsOf(db, 'team_b') }).toEqual(right);
    expect(await rebuilt()).toMatchObject({ equal: true, kept_sha256: found.ledger_sha256 });
  });

  it('publishes the meter of a scope that it set right', async () => {
    await db.query(`UPDATE totals SET tokens = 0 WHERE scope_id = 'key_a'`);
    await takeOutbox(db);
    await rebuilt(true);
    const { meter } = await readMeter(db.manager, 'key_a', NOON);
    const told = (await takeOutbox(db, 'key_a')).at(-1)!;
    expect(told).toMatchObject({ type: 'metered', used: { tokens: meter.tokens } });
    expect(meter.tokens).toBeGreaterThan(0);
  });

  it('takes what left the ledger from the opening balances', async () => {
    await db.query(
      `INSERT INTO opening_balances VALUES ('team_a', 0, 'all', '2026-01-01', NULL, NULL, 5, 3, 1)`,
    );
    expect(await rebuilt(true)).toMatchObject({ differing_ids: ['team_a'], repaired: 1 });
    expect(await rebuilt()).toMatchObject({ equal: true });
    expect((await readStatement(db, 'team_a', { limit: 100 }, NOON)).opening.tokens).toBe(3);
  });

  it('finds nothing wrong while records are being counted', async () => {
    const work = (async () => {
      for (let n = 0; n < 30; n += 1) await use({ id: `more ${n}` }, { id: `more ${n}b`, key: 'key_b' });
    })();
    const results = [await rebuilt(), await rebuilt(), await rebuilt()];
    await work;
    expect(results.map(({ equal }) => equal)).toEqual([true, true, true]);
  });

  it('tells how far it is, and is kept among the operations with what came of it', async () => {
    const work = rebuild(db, { repair: false, actor: 'adm_spec' }, NOON);
    const first = await work.next();
    expect(first.value).toEqual({ scopes: 2, of: 5 });
    expect(await operations()).toMatchObject([{ ended: false }]);
    await outcomeOf(work);
    expect(await operations()).toMatchObject([
      { kind: 'rebuild', actor: 'adm_spec', ended: true, result: { equal: true } },
    ]);
  });
});

describe('a credit', () => {
  const give = (fields: Partial<CreditBody> = {}, nowMs = NOON) =>
    credit(
      db,
      { key_id: 'key_a', cost_usd: '0.015', tokens: 0, reason: 'an outage', actor: 'adm_spec', ...fields },
      nowMs,
    );
  beforeEach(async () => {
    await applyKeyChange(db, keyChanged({ version: 1, limits: { cost_usd: '0.02' } }), NOON);
    await use({ id: 'a' }, { id: 'b' });
    await takeOutbox(db);
  });

  it('lowers the meters of key, team and organization, and so unblocks', async () => {
    const { meter, applied } = await give();
    expect(applied).toBe(true);
    expect(meter).toMatchObject({ cost_usd: '0.005', tokens: 20, requests: 2, blocked: [] });
    expect((await readMeter(db.manager, 'org_default', NOON)).meter.cost_usd).toBe('0.005');
    const sent = await takeOutbox(db, 'key_a');
    expect(sent.find(({ type }) => type === 'metered')).toMatchObject({
      blocked: [],
      used: { cost_usd: '0.005' },
    });
    expect(sent.find(({ type }) => type === 'tollgate.usage.adjusted')).toMatchObject({
      kind: 'credit',
      cost_usd: '-0.015',
      actor: 'adm_spec',
    });
  });

  it('is a line of the statement, with its reason, and no request', async () => {
    await give({ tokens: 5 });
    const { data, meter } = await readStatement(db, 'key_a', { limit: 100 }, NOON);
    const line = data.find(({ kind }) => kind === 'credit')!;
    expect(line).toMatchObject({ cost_usd: '-0.015', tokens: -5, requests: 0, reason: 'an outage' });
    expect(data.at(-1)!.balance).toEqual(meter);
    expect(await rebuilt()).toMatchObject({ equal: true });
  });

  it('counts once however often, and by however many at once, it is given with its id', async () => {
    // So that every one of them has its connection, and none is done before another begins.
    await Promise.all(Array.from({ length: 8 }, () => db.query('SELECT pg_sleep(0.05)')));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => give({ id: 'ticket-7' }, NOON + i)),
    );
    expect(answers.filter(({ applied }) => applied)).toHaveLength(1);
    const again = await give({ id: 'ticket-7', cost_usd: '1' }, NOON + 60_000);
    expect(again).toMatchObject({ applied: false, meter: { cost_usd: '0.005' } });
    expect(await operations()).toHaveLength(9);
  });

  it('of a key that nobody has heard of says so', async () => {
    await expect(give({ key_id: 'key_none' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the quarantine', () => {
  const AHEAD = NOON + DAY_MS;
  const let_go = (...ids: string[]) =>
    release(db, { ids, reason: 'the clock was wrong', actor: 'adm_spec' }, NOON);
  beforeEach(() =>
    use(
      { id: 'ahead', admittedAtMs: AHEAD, tokens: 3 },
      { id: 'behind', admittedAtMs: NOON - 100 * DAY_MS, tokens: 4 },
      { id: 'malformed', key: 'k'.repeat(200) },
      { id: 'fine' },
    ),
  );

  it('lists what was not counted, whole, and why', async () => {
    const listed = await listQuarantined(db.manager, 10);
    expect(listed.map(({ id, reason }) => [id, reason])).toEqual([
      ['ahead', 'ahead'],
      ['behind', 'behind'],
      ['malformed', 'malformed'],
    ]);
    expect(listed[0]).toMatchObject({ admitted_at: new Date(AHEAD).toISOString(), record: { id: 'ahead' } });
  });

  it('lets records go into the ledger and the totals once, and keeps what cannot count', async () => {
    const answer = await let_go('ahead', 'behind', 'malformed', 'never seen');
    expect(answer).toEqual({
      released: expect.arrayContaining(['ahead', 'behind']),
      duplicates: [],
      refused: ['malformed'],
      unknown: ['never seen'],
    });
    expect((await readMeter(db.manager, 'key_a', NOON)).meter.tokens).toBe(17);
    expect(await let_go('ahead')).toMatchObject({ released: [], unknown: ['ahead'] });
    expect(await rebuilt()).toMatchObject({ equal: true });
  });

  it('drops what the ledger has by now', async () => {
    const batch = usageBatch(0, folded, [usageRecord({ id: 'ahead', admittedAtMs: AHEAD, tokens: 3 })]);
    await foldBatch(db, batch, AHEAD);
    expect(await let_go('ahead')).toMatchObject({ released: [], duplicates: ['ahead'] });
    expect((await readMeter(db.manager, 'key_a', AHEAD)).meter.tokens).toBe(13);
  });
});

describe('months that retire', () => {
  const LATER = Date.parse('2027-02-15T00:00:00Z');
  const retired = (keepMonths: number, nowMs = LATER) =>
    outcomeOf(retire(db, { keep_months: keepMonths, actor: 'adm_spec' }, nowMs));
  const months = () => findMonths(db.manager);
  beforeEach(async () => {
    const limits = { reset_period: 'weekly', timezone: 'Pacific/Auckland' } as const;
    await applyKeyChange(db, keyChanged({ version: 1, limits }), NOON - 40 * DAY_MS);
    await use(
      ...Array.from({ length: 80 }, (_, i) => ({
        id: `r${i}`,
        key: i % 3 ? 'key_a' : 'key_b',
        team: i % 2 ? 'team_a' : 'team_b',
        tokens: i,
        cost: i % 5 ? '0.000000000001' : null,
        generation: i % 7 === 0 ? 1 : 0,
        admittedAtMs: NOON - i * 10 * 3_600_000,
      })),
    );
    expect(await months()).toEqual(['2026-10', '2026-11']);
  });

  it('leave totals, statements and rebuilds as they were', async () => {
    const all = async () => ({
      key: await totalsOf(db, 'key_a'),
      team: await totalsOf(db, 'team_b'),
      meter: (await readMeter(db.manager, 'org_default', NOON)).meter,
      rebuilt: (await rebuilt()).ledger_sha256,
    });
    const before = await all();
    expect(await retired(3)).toEqual({ months: ['2026-10'], records: 25 });
    expect(await months()).toEqual(['2026-11']);
    expect(await all()).toEqual(before);
    expect(await rebuilt()).toMatchObject({ equal: true, records: 55 });
    const { opening, data, meter } = await readStatement(db, 'org_default', { limit: 100 }, NOON);
    expect([opening.requests, data.length]).toEqual([25, 55]);
    expect(data.at(-1)!.balance).toEqual(meter);
  });

  it('are none while they are among those to keep', async () => {
    expect(await retired(4)).toEqual({ months: [], records: 0 });
    expect(await retired(2, NOON)).toEqual({ months: [], records: 0 });
    expect(await months()).toHaveLength(2);
  });

  it('do not come to be counted twice when one of their records is released', async () => {
    await use({ id: 'late', admittedAtMs: NOON - 36 * DAY_MS, tokens: 5 });
    await retired(3);
    await release(db, { ids: ['late'], reason: 'spec', actor: 'adm_spec' }, NOON);
    expect(await rebuilt()).toMatchObject({ equal: true });
    expect(await retired(3)).toEqual({ months: ['2026-10'], records: 1 });
    expect(await rebuilt()).toMatchObject({ equal: true });
  });
});
