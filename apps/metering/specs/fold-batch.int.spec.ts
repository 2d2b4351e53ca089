import type { DataSource } from 'typeorm';
import {
  accessDenied,
  applyKeyChange,
  DAY_MS,
  foldBatch,
  givenDatabase,
  keyChanged,
  NOON,
  takeOutbox,
  totalsOf,
  usageBatch,
  usageRecord,
} from './given.ts';

let drop: () => Promise<void>;
let db: DataSource;

beforeEach(async () => {
  ({ db, drop } = await givenDatabase());
});
afterEach(() => drop());

const limit = (tokens: number) =>
  applyKeyChange(db, keyChanged({ version: 1, limits: { tokens, reset_period: 'daily' } }), NOON);

describe('a batch of usage', () => {
  it('counts on key, team and organization, exactly', async () => {
    const records = [usageRecord({ id: 'a' }), usageRecord({ id: 'b', cost: '0.000000000001' })];
    const outcome = await foldBatch(db, usageBatch(0, 0, records), NOON);

    expect(outcome).toMatchObject({ recorded: 2, duplicates: 0, alreadyFolded: 0, conflicting: [] });
    for (const scope of ['key_a', 'team_a', 'org_default']) {
      expect(await totalsOf(db, scope)).toEqual({ '0/all': '10000000001 20 2' });
    }
  });

  it('counts a record once that comes twice in a batch, or again in a later one', async () => {
    const twice = [usageRecord({ id: 'a' }), usageRecord({ id: 'a' })];
    expect(await foldBatch(db, usageBatch(0, 0, twice), NOON)).toMatchObject({ recorded: 1, duplicates: 1 });
    const again = [usageRecord({ id: 'a' }), usageRecord({ id: 'b' })];
    expect(await foldBatch(db, usageBatch(0, 2, again), NOON)).toMatchObject({ recorded: 1, duplicates: 1 });
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '20000000000 20 2' });
  });

  it('counts nothing again when it is delivered again, whole or in part', async () => {
    const records = ['a', 'b', 'c'].map((id) => usageRecord({ id }));
    await foldBatch(db, usageBatch(0, 0, records.slice(0, 2)), NOON);
    expect(await foldBatch(db, usageBatch(0, 0, records), NOON)).toMatchObject({
      recorded: 1,
      alreadyFolded: 2,
    });
    expect(await foldBatch(db, usageBatch(0, 1, records.slice(1)), NOON)).toMatchObject({
      recorded: 0,
      alreadyFolded: 2,
    });
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '30000000000 30 3' });
  });

  it('tells of a record that repeats an id with other usage, and counts the first', async () => {
    await foldBatch(db, usageBatch(0, 0, [usageRecord({ id: 'a', tokens: 10 })]), NOON);
    const outcome = await foldBatch(db, usageBatch(0, 1, [usageRecord({ id: 'a', tokens: 11 })]), NOON);
    expect(outcome).toMatchObject({ recorded: 0, duplicates: 1, conflicting: ['a'] });
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '10000000000 10 1' });
  });

  it('passes over refusals, and its offset counts them', async () => {
    const mixed = [accessDenied(), usageRecord({ id: 'a' }), accessDenied(null), usageRecord({ id: 'b' })];
    expect(await foldBatch(db, usageBatch(0, 0, mixed), NOON)).toMatchObject({
      recorded: 2,
      quarantined: { ahead: 0, behind: 0, malformed: 0 },
    });
    expect(await foldBatch(db, usageBatch(0, 4, [accessDenied()]), NOON)).toMatchObject({ recorded: 0 });
    const offsets = await db.query('SELECT partition, next_offset FROM usage_offsets');
    expect(offsets).toEqual([{ partition: 0, next_offset: '5' }]);
    expect(await foldBatch(db, usageBatch(0, 0, mixed), NOON)).toMatchObject({
      recorded: 0,
      alreadyFolded: 2,
    });
    const again = usageBatch(0, 3, [usageRecord({ id: 'b' }), accessDenied(), usageRecord({ id: 'c' })]);
    expect(await foldBatch(db, again, NOON)).toMatchObject({ recorded: 1, alreadyFolded: 1 });
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '30000000000 30 3' });
    expect(await totalsOf(db, 'org_default')).toEqual({ '0/all': '30000000000 30 3' });
  });

  it('keeps sums above 2^53 exact', async () => {
    const tokens = Number.MAX_SAFE_INTEGER;
    const records = ['a', 'b', 'c'].map((id) =>
      usageRecord({ id, tokens, cost: '123456789012.000000000001' }),
    );
    await foldBatch(db, usageBatch(0, 0, records), NOON);
    expect(await totalsOf(db, 'key_a')).toEqual({
      '0/all': `370370367036000000000003 ${3n * BigInt(tokens)} 3`,
    });
  });

  it('counts a late record in the period and generation of its admission, and nowhere else', async () => {
    await limit(100);
    await foldBatch(db, usageBatch(0, 0, [usageRecord({ id: 'today' })]), NOON);
    const late = usageRecord({ id: 'late', admittedAtMs: NOON - DAY_MS, tokens: 500 });
    await foldBatch(db, usageBatch(0, 1, [late, usageRecord({ id: 'old', generation: 7 })]), NOON);
    expect(await totalsOf(db, 'key_a')).toEqual({
      '0/2026-11-22': '10000000000 500 1',
      '0/2026-11-23': '10000000000 10 1',
      '7/2026-11-23': '10000000000 10 1',
    });
    expect((await takeOutbox(db, 'key_a')).filter(({ type }) => type !== 'metered')).toEqual([]);
  });

  it('puts records with an impossible clock or endless ids in quarantine and counts them nowhere', async () => {
    const outcome = await foldBatch(
      db,
      usageBatch(0, 0, [
        usageRecord({ id: 'ahead', admittedAtMs: NOON + 5 * 60_000 + 1 }),
        usageRecord({ id: 'behind', admittedAtMs: NOON - 35 * DAY_MS - 1 }),
        usageRecord({ id: 'malformed', key: 'k'.repeat(5_000) }),
        { ...usageRecord({ id: 'year 0' }), admitted_at: '0000-01-01T00:00:00.000Z' },
        usageRecord({ id: 'edge', admittedAtMs: NOON + 5 * 60_000 }),
      ]),
      NOON,
    );
    expect(outcome).toMatchObject({ recorded: 1, quarantined: { ahead: 1, behind: 2, malformed: 1 } });
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '10000000000 10 1' });
    const [{ count }] = await db.query('SELECT count(*)::int FROM usage_quarantine');
    expect(count).toBe(4);
  });

  it('stores what PostgreSQL cannot hold as a replacement character instead of stopping', async () => {
    const record = {
      ...usageRecord({ id: 'nul\0' }),
      model: 'half \ud800',
      metadata: { 'a\0': '\udc00' },
      settled_at: '0000-01-01T00:00:00.000Z',
      http_status: Number.MAX_SAFE_INTEGER,
    };
    expect(await foldBatch(db, usageBatch(0, 0, [record, record]), NOON)).toMatchObject({
      recorded: 1,
      duplicates: 1,
      conflicting: [],
    });
  });

  it('never changes or removes a ledger row', async () => {
    await foldBatch(db, usageBatch(0, 0, [usageRecord({ id: 'a' })]), NOON);
    await expect(db.query('UPDATE usage_ledger SET cost = 0')).rejects.toThrow('append-only');
    await expect(db.query('DELETE FROM usage_ledger')).rejects.toThrow('append-only');
  });
});

describe('the position in the topic', () => {
  it('stops the process where records are gone that were never counted', async () => {
    await foldBatch(db, usageBatch(3, 0, [usageRecord({ id: 'a' })]), NOON);
    await expect(foldBatch(db, usageBatch(3, 5, [usageRecord({ id: 'b' })]), NOON)).rejects.toThrow(
      /partition 3 goes on at offset 5, but it is folded up to 1/,
    );
  });

  it('stops the process where the topic was made anew', async () => {
    await foldBatch(
      db,
      usageBatch(
        3,
        0,
        ['a', 'b', 'c'].map((id) => usageRecord({ id })),
      ),
      NOON,
    );
    await expect(foldBatch(db, usageBatch(3, 0, [usageRecord({ id: 'other' })]), NOON)).rejects.toThrow(
      'the topic was made anew',
    );
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '30000000000 30 3' });
  });

  it('passes gaps that dead letters leave inside a batch', async () => {
    const whole = usageBatch(
      0,
      0,
      ['a', 'b', 'c', 'd'].map((id) => usageRecord({ id })),
    );
    await foldBatch(db, { ...whole, events: whole.events.slice(1, 3) }, NOON);
    await foldBatch(db, { partition: 0, firstOffset: 4n, nextOffset: 6n, events: [] }, NOON);
    await foldBatch(db, usageBatch(0, 6, [usageRecord({ id: 'e' })]), NOON);
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '30000000000 30 3' });
  });
});

describe('limits', () => {
  it('warns once per threshold and tells of a breach once, with ids that say what of', async () => {
    await limit(100);
    for (const [i, tokens] of [49, 1, 40, 5, 5, 50].entries()) {
      await foldBatch(db, usageBatch(0, i, [usageRecord({ id: `${i}`, tokens })]), NOON);
    }
    const sent = await takeOutbox(db, 'key_a');
    const place = 'key_a/2026-11-23/g0';
    expect(sent.filter(({ type }) => type !== 'metered').map(({ id }) => id)).toEqual([
      `${place}/r1/tokens/warned/50`,
      `${place}/r1/tokens/warned/80`,
      `${place}/r1/tokens/warned/95`,
      `${place}/r1/tokens/warned/100`,
      `${place}/r1/tokens/breached`,
    ]);
    expect(sent.map(({ sequence }) => sequence)).toEqual(sent.map((_, i) => i + 1));
  });

  it('publishes the meter that blocks with the batch that reached the limit', async () => {
    await limit(100);
    await foldBatch(db, usageBatch(4, 7, [usageRecord({ id: 'a', tokens: 100 })]), NOON);
    const meter = (await takeOutbox(db, 'key_a')).at(-1)!;
    expect(meter).toMatchObject({
      type: 'metered',
      period: { id: '2026-11-23', start: '2026-11-23T00:00:00.000Z', end: '2026-11-24T00:00:00.000Z' },
      used: { cost_usd: '0.01', tokens: 100, requests: 1 },
      blocked: ['tokens'],
      resets_at: '2026-11-24T00:00:00.000Z',
      through: { '4': '8' },
    });
  });

  it('names in `through` how far every partition was read', async () => {
    await limit(100);
    await foldBatch(db, usageBatch(1, 0, [usageRecord({ id: 'other', key: 'key_b' })]), NOON);
    await foldBatch(db, usageBatch(0, 0, [usageRecord({ id: 'a', tokens: 2 })]), NOON);
    expect((await takeOutbox(db, 'key_a')).at(-1)!.through).toEqual({ '0': '1', '1': '1' });
  });
});
