import { type OrganizationState, type TeamState } from '@tollgate/contracts/events';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { type Limits, UNLIMITED } from '@tollgate/contracts/limits';
import type { DataSource } from 'typeorm';
import { foldBatches } from '../src/fold/fold-batches.ts';
import { applyScopeChange } from '../src/limits/apply-scope-change.ts';
import { readMeter } from '../src/meters/read-meter.ts';
import {
  DAY_MS,
  givenDatabase,
  NOON,
  takeOutbox,
  totalsOf,
  type Usage,
  usageBatch,
  usageRecord,
} from './given.ts';

let drop: () => Promise<void>;
let db: DataSource;

beforeEach(async () => {
  ({ db, drop } = await givenDatabase());
});
afterEach(() => drop());

const state = (id: string, limits: Partial<Limits>, version: number, generation: number) => ({
  id,
  name: id,
  limits: { ...UNLIMITED, ...limits },
  limit_revision: version,
  generation,
});
const changed = <State>(version: number, of: State) => ({
  version,
  actor: 'adm_spec',
  change: {},
  state: of,
});
const team = (version: number, limits: Partial<Limits>, generation = 0) => {
  const of: TeamState = { ...state('team_a', limits, version, generation), deleted_at: null };
  return applyScopeChange(db, { scope: 'team', changed: changed(version, of) }, NOON);
};
const organization = (
  version: number,
  limits: Partial<Limits>,
  warning_thresholds: number[],
  generation = 0,
) => {
  const of: OrganizationState = {
    ...state(ORGANIZATION_ID, limits, version, generation),
    warning_thresholds,
  };
  return applyScopeChange(db, { scope: 'organization', changed: changed(version, of) }, NOON);
};
const use = (partition: number, offset: number, ...usages: Usage[]) =>
  foldBatches(db, [usageBatch(partition, offset, usages.map(usageRecord))], NOON);
const told = async (scopeId: string) =>
  (await takeOutbox(db, scopeId)).map(({ type, threshold }) => (threshold ? `${type} ${threshold}` : type));

describe('a team', () => {
  it('is blocked by what its keys use together, and unblocked by a reset of its own', async () => {
    await team(1, { tokens: 100, reset_period: 'monthly' });
    await use(0, 0, { id: 'a', key: 'key_a', tokens: 60 }, { id: 'b', key: 'key_b', tokens: 40 });
    expect((await readMeter(db.manager, 'team_a', NOON)).meter).toMatchObject({
      scope: 'team',
      tokens: 100,
      blocked: ['tokens'],
    });
    await takeOutbox(db);
    await team(2, { tokens: 100, reset_period: 'monthly' }, 1);
    expect((await takeOutbox(db, 'team_a')).at(-1)).toMatchObject({
      type: 'metered',
      scope: 'team',
      generation: 1,
      blocked: [],
    });
    expect((await readMeter(db.manager, 'key_a', NOON)).meter.tokens).toBe(60);
  });

  it('is counted anew from the ledger when its period changes', async () => {
    await use(
      0,
      0,
      { id: 'a', tokens: 1 },
      { id: 'b', key: 'key_b', tokens: 10, admittedAtMs: NOON - DAY_MS },
    );
    await team(1, { tokens: 5, reset_period: 'daily' });
    expect(await totalsOf(db, 'team_a')).toEqual({
      '0/2026-11-22': '10000000000 10 1',
      '0/2026-11-23': '10000000000 1 1',
    });
  });
});

describe('the organization', () => {
  it('says at which shares of a limit everybody is warned', async () => {
    await organization(1, {}, [10, 90]);
    await team(1, { tokens: 100 });
    await use(0, 0, { id: 'a', tokens: 55 });
    expect(await told('team_a')).toEqual(['warned 10', 'metered']);
    await use(0, 1, { id: 'b', tokens: 45 });
    expect(await told('team_a')).toEqual(['warned 90', 'breached', 'metered']);
  });

  it('is warned of at the usual shares where it has not said', async () => {
    await team(1, { tokens: 100 });
    await use(0, 0, { id: 'a', tokens: 100 });
    expect(await told('team_a')).toEqual([
      'warned 50',
      'warned 80',
      'warned 95',
      'warned 100',
      'breached',
      'metered',
    ]);
  });

  it('counts the use of all teams, and is blocked by it', async () => {
    await organization(1, { cost_usd: '0.02', reset_period: 'daily' }, [50]);
    await use(0, 0, { id: 'a', team: 'team_a' }, { id: 'b', team: 'team_b', key: 'key_b' });
    expect((await readMeter(db.manager, ORGANIZATION_ID, NOON)).meter).toMatchObject({
      scope: 'organization',
      cost_usd: '0.02',
      blocked: ['cost_usd'],
    });
  });
});

describe('batches of several partitions', () => {
  it('are folded together, and each is known by itself when it is delivered again', async () => {
    const first = usageBatch(0, 0, [usageRecord({ id: 'a' })]);
    const second = usageBatch(1, 0, [usageRecord({ id: 'b', key: 'key_b' })]);
    expect(await foldBatches(db, [first, second], NOON)).toMatchObject({ recorded: 2, duplicates: 0 });
    const third = usageBatch(1, 1, [usageRecord({ id: 'c', key: 'key_b' })]);
    expect(await foldBatches(db, [first, third], NOON)).toMatchObject({ recorded: 1, alreadyFolded: 1 });
    expect((await totalsOf(db, 'org_default'))['0/all']).toBe('30000000000 30 3');
    expect(await db.query('SELECT partition, next_offset FROM usage_offsets ORDER BY 1')).toEqual([
      { partition: 0, next_offset: '1' },
      { partition: 1, next_offset: '2' },
    ]);
  });
});

describe('the ledger', () => {
  it('has a month for every record that may come, and refuses to be changed in any of them', async () => {
    await use(0, 0, { id: 'a' }, { id: 'b', admittedAtMs: NOON - 34 * DAY_MS });
    const months: { name: string }[] = await db.query(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'usage_ledger'::regclass ORDER BY 1`,
    );
    expect(months.map(({ name }) => name)).toEqual(['usage_ledger_2026_10', 'usage_ledger_2026_11']);
    for (const table of ['usage_ledger', 'usage_ledger_2026_10']) {
      await expect(db.query(`UPDATE ${table} SET cost = 0`)).rejects.toThrow('is append-only');
      await expect(db.query(`DELETE FROM ${table}`)).rejects.toThrow('is append-only');
      await expect(db.query(`TRUNCATE ${table}`)).rejects.toThrow('is append-only');
    }
  });
});
