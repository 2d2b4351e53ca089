import type { DataSource } from 'typeorm';
import { applyScopeChange } from '../src/limits/apply-scope-change.ts';
import { readMeter } from '../src/meters/read-meter.ts';
import {
  applyKeyChange,
  type Change,
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
let offset = 0;

beforeEach(async () => {
  ({ db, drop } = await givenDatabase());
  offset = 0;
});
afterEach(() => drop());

const change = (changed: Change) => applyKeyChange(db, keyChanged(changed), NOON);
async function use(...usages: Usage[]) {
  await foldBatch(db, usageBatch(0, offset, usages.map(usageRecord)), NOON);
  offset += usages.length;
}
const daily = (tokens: number | null) => ({ tokens, reset_period: 'daily' as const });
const types = (sent: { type: string }[]) => sent.map(({ type }) => type);

describe('a limit', () => {
  it('lowered below use blocks at once; raised again it unblocks at once', async () => {
    await change({ version: 1, limits: daily(1_000) });
    await use({ id: 'a', tokens: 400 });
    await takeOutbox(db);

    await change({ version: 2, limits: daily(400) });
    const lowered = await takeOutbox(db, 'key_a');
    expect(types(lowered)).toEqual(['warned', 'warned', 'warned', 'warned', 'breached', 'metered']);
    expect(lowered.at(-1)).toMatchObject({ blocked: ['tokens'], reason: 'limit_changed', limit_revision: 2 });

    await change({ version: 3, limits: daily(1_000) });
    const [raised, ...rest] = await takeOutbox(db, 'key_a');
    expect(raised).toMatchObject({
      type: 'metered',
      blocked: [],
      reason: 'limit_changed',
      used: { tokens: 400 },
    });
    expect(rest).toEqual([]);
  });

  it('of an older version changes nothing', async () => {
    await change({ version: 3, limits: daily(1_000) });
    expect(await change({ version: 2, limits: daily(1) })).toBe(false);
    expect(await change({ version: 3, limits: daily(1) })).toBe(false);
    await use({ id: 'a', tokens: 400 });
    expect((await readMeter(db.manager, 'key_a', NOON)).meter).toMatchObject({
      blocked: [],
      limit_revision: 3,
    });
  });

  it('that a release kept less of is learned whole, from the version that is known', async () => {
    const limits = { ...daily(1_000), requests_per_minute: 5, enforcement: 'hard' as const };
    const told = { scope: 'key' as const, changed: keyChanged({ version: 3, limits }) };
    await applyScopeChange(db, told, NOON);
    const known = async () => {
      const [row] = await db.query(`select request_limit, is_hard from scopes where scope_id = 'key_a'`);
      return row;
    };
    expect(await applyScopeChange(db, told, NOON, { anew: true })).toBe(false);
    await db.query('update scopes set request_limit = null, is_hard = false');
    expect(await applyScopeChange(db, told, NOON)).toBe(false);
    expect(await known()).toEqual({ request_limit: null, is_hard: false });
    expect(await applyScopeChange(db, told, NOON, { anew: true })).toBe(true);
    expect(await known()).toEqual({ request_limit: 5, is_hard: true });
    const older = { scope: 'key' as const, changed: keyChanged({ version: 2, limits: daily(1) }) };
    expect(await applyScopeChange(db, older, NOON, { anew: true })).toBe(false);
  });

  it('of a key that was never used publishes nothing', async () => {
    await change({ version: 1, limits: daily(1_000) });
    await change({ version: 2, limits: daily(10) });
    expect(await takeOutbox(db)).toEqual([]);
  });

  it('that does not change is not published with a new name', async () => {
    await change({ version: 1, limits: daily(1_000), revision: 1 });
    await use({ id: 'a', tokens: 400 });
    await takeOutbox(db);
    await change({ version: 2, limits: daily(1_000), revision: 1 });
    expect(await takeOutbox(db)).toEqual([]);
  });

  it('in a zone that this process does not know counts in UTC instead of stopping', async () => {
    await change({ version: 1, limits: { ...daily(10), timezone: 'Mars/Olympus_Mons' } });
    expect((await readMeter(db.manager, 'key_a', NOON)).meter.period.start).toBe('2026-11-23T00:00:00.000Z');
  });
});

describe('usage that arrives before its key', () => {
  it('counts in the key’s periods once they are known, and blocks if that is due', async () => {
    await use({ id: 'today', tokens: 40 }, { id: 'yesterday', tokens: 100, admittedAtMs: NOON - DAY_MS });
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '20000000000 140 2' });
    await takeOutbox(db);

    await change({ version: 1, limits: daily(40) });
    expect(await totalsOf(db, 'key_a')).toEqual({
      '0/2026-11-22': '10000000000 100 1',
      '0/2026-11-23': '10000000000 40 1',
    });
    expect((await takeOutbox(db, 'key_a')).at(-1)).toMatchObject({
      blocked: ['tokens'],
      used: { tokens: 40 },
    });
  });
});

describe('a change of period', () => {
  it('counts the ledger anew by the instant of admission', async () => {
    await change({ version: 1, limits: daily(1_000) });
    const at = (text: string) => Date.parse(text);
    await use(
      { id: 'a', tokens: 1 },
      { id: 'b', tokens: 10, admittedAtMs: NOON - DAY_MS },
      { id: 'c', tokens: 100, admittedAtMs: at('2026-10-31T23:59:59.999Z') },
      { id: 'd', tokens: 1_000, admittedAtMs: at('2026-11-01T00:00:00.000Z') },
    );
    await takeOutbox(db);
    await change({ version: 2, limits: { ...daily(2_000), reset_period: 'monthly' } });
    const [meter] = (await takeOutbox(db, 'key_a')).slice(-1);
    expect(meter).toMatchObject({ period: { id: '2026-11' }, used: { tokens: 1_011, requests: 3 } });

    await change({ version: 3, limits: { ...daily(2_000), timezone: 'Asia/Tokyo' } });
    const [tokyo] = (await takeOutbox(db, 'key_a')).slice(-1);
    expect(tokyo).toMatchObject({ period: { start: '2026-11-22T15:00:00.000Z' }, used: { tokens: 1 } });
  });

  it('counts what the ledger had when a late record is the first of its period under the new kind', async () => {
    const lastMonth = NOON - 28 * DAY_MS;
    await change({ version: 1, limits: daily(null) });
    await use({ id: 'a', tokens: 1, admittedAtMs: lastMonth }, { id: 'b', tokens: 10 });
    await change({ version: 2, limits: { reset_period: 'monthly' } });
    await use({ id: 'late', tokens: 100, admittedAtMs: lastMonth + DAY_MS });
    expect(await totalsOf(db, 'key_a')).toMatchObject({
      '0/2026-10': '20000000000 101 2',
      '0/2026-11': '10000000000 10 1',
    });
  });
});

describe('a manual reset', () => {
  it('starts a generation at zero, unblocks, is told once, and leaves the ledger alone', async () => {
    await change({ version: 1, limits: daily(10) });
    await use({ id: 'a', tokens: 10 });
    expect((await takeOutbox(db, 'key_a')).at(-1)).toMatchObject({ blocked: ['tokens'] });

    await change({ version: 2, limits: daily(10), revision: 1, generation: 1 });
    const sent = await takeOutbox(db, 'key_a');
    expect(types(sent)).toEqual(['reset', 'metered']);
    expect(sent[0]).toMatchObject({
      id: 'key_a/2026-11-23/g0/reset',
      reason: 'manual',
      used: { tokens: 10 },
    });
    expect(sent[1]).toMatchObject({ generation: 1, blocked: [], used: { tokens: 0 }, reason: 'manual' });
    const [{ count }] = await db.query('SELECT count(*)::int FROM usage_ledger');
    expect(count).toBe(1);
  });

  it('counts use of the former generation there, however late it comes', async () => {
    await change({ version: 1, limits: daily(10) });
    await change({ version: 2, limits: daily(10), revision: 1, generation: 1 });
    await use({ id: 'late', tokens: 10, generation: 0 }, { id: 'new', tokens: 3, generation: 1 });
    const { meter, history } = await readMeter(db.manager, 'key_a', NOON);
    expect(meter).toMatchObject({ generation: 1, tokens: 3, blocked: [] });
    expect(history.map(({ kind, reason }) => [kind, reason])).toEqual([['limit.reset', 'manual']]);
  });

  it('finds the use of the new generation that came before it', async () => {
    await change({ version: 1, limits: daily(10) });
    await use({ id: 'early', tokens: 10, generation: 1 });
    expect((await readMeter(db.manager, 'key_a', NOON)).meter.tokens).toBe(0);
    await takeOutbox(db);
    await change({ version: 2, limits: daily(10), revision: 1, generation: 1 });
    expect((await takeOutbox(db, 'key_a')).at(-1)).toMatchObject({ generation: 1, blocked: ['tokens'] });
  });
});

describe('the meter of a scope', () => {
  it('is zero and unlimited where metering has not heard of it', async () => {
    expect(await readMeter(db.manager, 'key_unheard', NOON)).toEqual({
      meter: {
        scope: 'key',
        scope_id: 'key_unheard',
        period: { id: 'all', start: null, end: null },
        generation: 0,
        limit_revision: 0,
        cost_usd: '0.00',
        tokens: 0,
        requests: 0,
        blocked: [],
        resets_at: null,
        as_of: new Date(NOON).toISOString(),
      },
      history: [],
      last_used_at: null,
    });
  });

  it('is read in the period of the instant, with the latest use whatever its period', async () => {
    await change({ version: 1, limits: daily(10) });
    await use({ id: 'a', tokens: 10 });
    const tomorrow = await readMeter(db.manager, 'key_a', NOON + DAY_MS);
    expect(tomorrow.meter).toMatchObject({ period: { id: '2026-11-24' }, tokens: 0, blocked: [] });
    expect(tomorrow.last_used_at).toBe(new Date(NOON).toISOString());
    expect(tomorrow.history[0]).toMatchObject({
      kind: 'limit.breached',
      dimension: 'tokens',
      threshold: null,
    });
  });
});
