import type { AllowanceAsk, AllowanceGrant } from '@tollgate/contracts/allowances-http';
import { outcomeOf } from '@tollgate/service-kit/progress';
import type { DataSource } from 'typeorm';
import { answerCall } from '../src/allowances/answer-call.ts';
import { finishHolders } from '../src/allowances/finish-holders.ts';
import { loseSilent } from '../src/allowances/lose-silent.ts';
import { noteHolderFinished } from '../src/allowances/note-finished.ts';
import { countByState } from '../src/allowances/sql/count-by-state.ts';
import { check } from '../src/checks/check.ts';
import { reanchor } from '../src/reanchor/reanchor.ts';
import { rebuild } from '../src/rebuild/rebuild.ts';
import { readStatement } from '../src/statements/read-statement.ts';
import {
  applyKeyChange,
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

const NOTHING = { cost_usd: '0.00', tokens: 0 };
const tokens = (count: number) => ({ cost_usd: '0.00', tokens: count });

const limit = (limits: { tokens?: number; requests_per_minute?: number }, version = 1) =>
  applyKeyChange(db, keyChanged({ version, limits: { ...limits, enforcement: 'hard' } }), NOON);

const ask = (said: Partial<AllowanceAsk> = {}): AllowanceAsk => ({
  scope_id: 'key_a',
  at: new Date(NOON).toISOString(),
  period_id: 'all',
  generation: 0,
  limit_revision: 1,
  allowance_id: null,
  keeps: NOTHING,
  uses: NOTHING,
  needs: NOTHING,
  requests: null,
  wants: 'part',
  ...said,
});

/** A gateway that numbers its calls. */
class Gateway {
  private number = 0;

  constructor(
    readonly instance: string,
    readonly incarnation = 1,
    private readonly live = 1,
  ) {}

  async ask(said: Partial<AllowanceAsk> = {}, nowMs = NOON): Promise<AllowanceGrant> {
    this.number += 1;
    return this.say(this.number, said, nowMs);
  }

  /** Says again, or too late, what it says in a call of this number. */
  async say(call: number, said: Partial<AllowanceAsk> = {}, nowMs = NOON): Promise<AllowanceGrant> {
    const { instance, incarnation, live } = this;
    const body = { instance, incarnation, call, live, asks: [ask(said)] };
    return (await answerCall(db, body, async () => nowMs)).answers[0]!;
  }
}

const outstanding = async (): Promise<string> => {
  const [row] = await db.query(
    `SELECT coalesce(sum(granted_tokens - folded_tokens), 0)::text AS tokens FROM allowances WHERE state <> 'lost'`,
  );
  return row.tokens;
};

const recordOf = (id: string, used: number, allowance: AllowanceGrant) =>
  usageRecord({ id, tokens: used, cost: null, allowances: { key: allowance.allowance_id! } });

describe('a limit that is given out', () => {
  it('goes to a lone gateway whole, and to another when the first gives it back', async () => {
    await limit({ tokens: 1_000 });
    const [first, second] = [new Gateway('gateway-1'), new Gateway('gateway-2')];
    const all = await first.ask({ needs: tokens(5) });
    expect(all).toMatchObject({ outcome: 'granted', granted: tokens(1_000), more: false });

    await takeOutbox(db);
    expect(await second.ask({ needs: tokens(5) })).toMatchObject({ outcome: 'waiting', granted: NOTHING });
    expect((await takeOutbox(db, 'key_a')).at(-1)).toMatchObject({ type: 'metered', recall: 1 });

    await first.ask({ allowance_id: all.allowance_id, keeps: tokens(7), uses: tokens(7), wants: 'needs' });
    expect(await second.ask({ needs: tokens(5) })).toMatchObject({
      outcome: 'granted',
      granted: tokens(496),
    });
  });

  it('is never exceeded, however many gateways ask at once and on whatever connection', async () => {
    await limit({ tokens: 1_000, requests_per_minute: 40 });
    const gateways = Array.from({ length: 8 }, (_, i) => new Gateway(`gateway-${i}`, 1, 8));
    const requests = { keeps: 0, uses: 0, needs: 3 };
    const grants = await Promise.all(gateways.map((one) => one.ask({ needs: tokens(60), requests })));
    const given = grants.reduce((sum, { granted }) => sum + granted.tokens, 0);
    expect(given).toBeGreaterThanOrEqual(8 * 60);
    expect(given).toBeLessThanOrEqual(1_000);
    const shared = grants.reduce((sum, { share }) => sum + share, 0);
    expect(shared).toBeGreaterThanOrEqual(24);
    expect(shared).toBeLessThanOrEqual(40);
    expect(await check(db)).toMatchObject({ violated: [] });
  });

  it('does not change by a call that comes again, or after a later one', async () => {
    await limit({ tokens: 1_000 });
    const gateway = new Gateway('gateway-1');
    const { allowance_id } = await gateway.ask({ needs: tokens(5) });
    await gateway.say(5, { allowance_id, keeps: tokens(400), uses: tokens(400), wants: 'needs' });
    const late = { allowance_id, keeps: tokens(3), uses: tokens(3), wants: 'nothing' } as const;
    await expect(gateway.say(5, late)).rejects.toMatchObject({ code: 'stale_call' });
    await expect(gateway.say(4, late)).rejects.toMatchObject({ code: 'stale_call' });
    expect(await outstanding()).toBe('400');
    await new Gateway('gateway-1', 2).ask({ wants: 'nothing' });
    await expect(gateway.say(6, late)).rejects.toMatchObject({ code: 'stale_call' });
    expect(await outstanding()).toBe('400');
  });

  it('gives nothing to a gateway that goes by other limits or another generation', async () => {
    await limit({ tokens: 1_000 });
    const gateway = new Gateway('gateway-1');
    for (const other of [{ limit_revision: 2 }, { generation: 1 }, { period_id: '2026-11-23' }]) {
      expect(await gateway.ask({ needs: tokens(5), ...other })).toMatchObject({
        outcome: 'behind',
        granted: NOTHING,
      });
    }
    expect(await outstanding()).toBe('0');
  });
});

describe('a record that names its allowance', () => {
  it('turns what was outstanding into what is settled, once, in the transaction that counts it', async () => {
    await limit({ tokens: 1_000 });
    const gateway = new Gateway('gateway-1');
    const allowance = await gateway.ask({ needs: tokens(5) });
    const records = [
      recordOf('a', 30, allowance),
      recordOf('a', 30, allowance),
      recordOf('b', 20, allowance),
    ];
    await foldBatch(db, usageBatch(0, 0, records), NOON);
    await foldBatch(db, usageBatch(0, 3, [recordOf('b', 20, allowance)]), NOON);
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '0 50 2' });
    expect(await outstanding()).toBe('950');
    expect(await check(db)).toMatchObject({ violated: [] });
  });

  it('changes neither where the transaction is cut off', async () => {
    await limit({ tokens: 1_000 });
    const allowance = await new Gateway('gateway-1').ask({ needs: tokens(5) });
    const batch = usageBatch(0, 0, [recordOf('a', 30, allowance)]);
    // The fold comes to a halt at its last step, with the totals written; then its connection is ended.
    const holder = db.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await holder.query('SELECT FROM allowances FOR UPDATE');
    const cutOff = expect(foldBatch(db, batch, NOON)).rejects.toThrow(/terminat/i);
    for (;;) {
      const ended: unknown[] = await db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (ended.length > 0) break;
    }
    await cutOff;
    await holder.rollbackTransaction();
    await holder.release();
    expect([await totalsOf(db, 'key_a'), await outstanding()]).toEqual([{}, '1000']);
    await foldBatch(db, batch, NOON);
    expect([await totalsOf(db, 'key_a'), await outstanding()]).toEqual([{ '0/all': '0 30 1' }, '970']);
  });

  it('frees what its gateway gave back, and is forgotten with it', async () => {
    await limit({ tokens: 1_000 });
    const gateway = new Gateway('gateway-1');
    const allowance = await gateway.ask({ needs: tokens(5) });
    const { allowance_id } = allowance;
    await gateway.ask({ allowance_id, keeps: tokens(30), uses: tokens(30), wants: 'nothing' });
    await loseSilent(db, 3_600_000, async () => NOON);
    expect(await outstanding()).toBe('30');
    await foldBatch(db, usageBatch(0, 0, [recordOf('a', 30, allowance)]), NOON);
    await loseSilent(db, 3_600_000, async () => NOON);
    expect(await db.query('SELECT id FROM allowances')).toEqual([]);
  });
});

describe('a gateway that was killed', () => {
  it('frees what it had when it starts again, not before its records were counted', async () => {
    await limit({ tokens: 1_000, requests_per_minute: 10 });
    const killed = new Gateway('gateway-1', 1);
    const allowance = await killed.ask({ needs: tokens(5), requests: { keeps: 0, uses: 0, needs: 1 } });
    const now = async () => NOON;
    await noteHolderFinished(db, { instance: 'gateway-1', incarnation: 2, through: { '3': '2' } });
    await foldBatch(db, usageBatch(3, 0, [recordOf('a', 30, allowance)]), NOON);
    expect(await finishHolders(db, now)).toBe(0);
    expect(await outstanding()).toBe('970');

    await foldBatch(db, usageBatch(3, 1, [recordOf('b', 20, allowance)]), NOON);
    expect(await finishHolders(db, now)).toBe(1);
    expect(await outstanding()).toBe('0');
    const after = await new Gateway('gateway-1', 2).ask({
      needs: tokens(5),
      requests: { keeps: 0, uses: 0, needs: 1 },
    });
    // Two of its admissions are of the last minute.
    expect(after).toMatchObject({ granted: tokens(950), share: 8 });
  });

  it('keeps what it had set aside where the topic of its records was made anew, until it is told of again', async () => {
    await limit({ tokens: 1_000 });
    await new Gateway('gateway-1', 1).ask({ needs: tokens(5) });
    const ended = { instance: 'gateway-1', incarnation: 2, through: { '0': '1' } };
    await noteHolderFinished(db, ended);
    await reanchor(db, { apply: true, actor: 'adm_spec' }, NOON);
    await foldBatch(db, usageBatch(0, 0, [usageRecord({ id: 'of another topic' })]), NOON);
    expect(await finishHolders(db, async () => NOON)).toBe(0);
    expect(await outstanding()).toBe('1000');

    await noteHolderFinished(db, ended);
    expect(await finishHolders(db, async () => NOON)).toBe(1);
    expect(await outstanding()).toBe('0');
  });

  it('and does not start again: what it had is charged in full, and corrected by what comes', async () => {
    await limit({ tokens: 1_000 });
    const allowance = await new Gateway('gateway-1').ask({ needs: tokens(5) });
    await foldBatch(db, usageBatch(0, 0, [recordOf('a', 30, allowance)]), NOON);
    const hour = 3_600_000;
    expect(await loseSilent(db, hour, async () => NOON + hour - 1)).toBe(0);
    expect(await countByState(db)).toEqual({ held: 1, returned: 0, lost: 0 });
    expect(await loseSilent(db, hour, async () => NOON + hour)).toBe(1);
    expect(await loseSilent(db, hour, async () => NOON + hour)).toBe(0);
    expect(await countByState(db)).toEqual({ held: 0, returned: 0, lost: 1 });
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '0 1000 1' });
    expect(await totalsOf(db, 'team_a')).toEqual({ '0/all': '0 30 1' });
    expect(await totalsOf(db, 'org_default')).toEqual({ '0/all': '0 30 1' });
    expect((await takeOutbox(db, 'key_a')).at(-1)).toMatchObject({ blocked: ['tokens'] });

    await foldBatch(db, usageBatch(0, 1, [recordOf('b', 20, allowance)]), NOON);
    await foldBatch(db, usageBatch(0, 2, [recordOf('b', 20, allowance)]), NOON);
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '0 1000 2' });
    const { data, meter } = await readStatement(db, 'key_a', { limit: 100 }, NOON + hour);
    expect(data.map((line) => `${line.kind} ${line.tokens}`).sort()).toEqual([
      'lost -20',
      'lost 970',
      'usage 20',
      'usage 30',
    ]);
    expect(data.at(-1)!.balance).toEqual(meter);

    await noteHolderFinished(db, { instance: 'gateway-1', incarnation: 2, through: { '0': '3' } });
    await finishHolders(db, async () => NOON + hour);
    expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '0 50 2' });
    expect(await outcomeOf(rebuild(db, { repair: false, actor: 'adm_spec' }, NOON))).toMatchObject({
      equal: true,
    });
    expect(await check(db)).toMatchObject({ violated: [] });
  });
});

describe('a share of the window', () => {
  const requests = (keeps: number, uses: number, needs: number) => ({ keeps, uses, needs });

  it('of a gateway that is silent frees 60 s after its end, and no sooner', async () => {
    await limit({ requests_per_minute: 10 });
    await new Gateway('gateway-1').ask({ requests: requests(0, 0, 1) });
    const other = new Gateway('gateway-2');
    const asking = { requests: requests(0, 0, 1) };
    await other.ask(asking, NOON + 1_000);
    expect(await other.ask(asking, NOON + 119_999)).toMatchObject({ share: 0, outcome: 'short' });
    expect(await other.ask(asking, NOON + 120_000)).toMatchObject({ share: 10 });
  });

  it('keeps room for what was admitted beyond the limit, and has none of it used again', async () => {
    await limit({ requests_per_minute: 10 });
    const gateway = new Gateway('gateway-1');
    expect(await gateway.ask({ requests: requests(14, 14, 1) })).toMatchObject({ share: 10 });
    expect(await new Gateway('gateway-2').ask({ requests: requests(0, 0, 1) })).toMatchObject({ share: 0 });
  });
});
