import {
  requestsAnswer,
  type StatementLine,
  type StatementQuery,
  type UsageQuery,
} from '@tollgate/contracts/metering-http';
import { parseUsd } from '@tollgate/contracts/money';
import type { BacktestBody } from '@tollgate/contracts/operations-http';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { backtest } from '../src/backtest/backtest.ts';
import { exportUsage } from '../src/exports/export-usage.ts';
import { readMeter } from '../src/meters/read-meter.ts';
import { readRequests } from '../src/requests/read-requests.ts';
import { readStatement } from '../src/statements/read-statement.ts';
import { readUsage } from '../src/usage/read-usage.ts';
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

const HOUR_MS = 3_600_000;
let drop: () => Promise<void>;
let db: DataSource;
let folded = 0;

beforeEach(async () => {
  ({ db, drop } = await givenDatabase());
  folded = 0;
});
afterEach(() => drop());

const use = async (...records: ReturnType<typeof usageRecord>[]) => {
  await foldBatch(db, usageBatch(0, folded, records), NOON);
  folded += records.length;
};
const usages = (...all: Usage[]) => use(...all.map(usageRecord));
const series = (query: Partial<UsageQuery>, scopeId = 'key_a') =>
  readUsage(db.manager, scopeId, { bucket: 'hour', top: 20, ...query }, NOON + 1);
const statement = (query: Partial<StatementQuery> = {}, scopeId = 'key_a') =>
  readStatement(db, scopeId, { limit: 100, ...query }, NOON);

/** All pages of a statement, and the answer of the last. */
async function wholeStatement(scopeId: string, limit: number) {
  const lines: StatementLine[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await statement({ limit, ...(cursor && { cursor }) }, scopeId);
    lines.push(...page.data);
    if (page.next_cursor === null) return { lines, last: page };
    cursor = page.next_cursor;
  }
}
async function exported(format: 'csv' | 'ndjson', scopeId = 'key_a', from?: string) {
  let text = '';
  for await (const piece of exportUsage(db.manager, scopeId, { format, from }, NOON + 1)) text += piece;
  return text;
}

describe('the usage series', () => {
  it('adds up hours, and leaves out those without use and those outside', async () => {
    await usages(
      { id: 'now', tokens: 3, cost: null },
      { id: 'now too', tokens: 4 },
      { id: 'before', tokens: 5, admittedAtMs: NOON - 2 * HOUR_MS - 1 },
      { id: 'yesterday', admittedAtMs: NOON - DAY_MS },
      { id: 'another', key: 'key_b' },
    );
    expect(await series({})).toEqual({
      from: '2026-11-22T12:00:00.001Z',
      to: '2026-11-23T12:00:00.001Z',
      timezone: 'UTC',
      data: [
        {
          start: '2026-11-23T09:00:00.000Z',
          requests: 1,
          tokens: 5,
          input_tokens: 5,
          output_tokens: 0,
          cost_usd: '0.01',
          unpriced_requests: 0,
        },
        {
          start: '2026-11-23T12:00:00.000Z',
          requests: 2,
          tokens: 7,
          input_tokens: 7,
          output_tokens: 0,
          cost_usd: '0.01',
          unpriced_requests: 1,
        },
      ],
    });
  });

  it('groups by model, status or provider', async () => {
    const failed = {
      ...usageRecord({ id: 'f' }),
      status: 'failed' as const,
      model: 'other',
      provider: 'second',
    };
    await use(usageRecord({ id: 'a' }), usageRecord({ id: 'b' }), failed);
    const grouped = async (group_by: UsageQuery['group_by']) =>
      (await series({ group_by })).data.map(({ group, requests }) => [group, requests]);
    expect(await grouped('model')).toEqual([
      ['fake-small', 2],
      ['other', 1],
    ]);
    expect(await grouped('status')).toEqual([
      ['failed', 1],
      ['succeeded', 2],
    ]);
    expect(await grouped('provider')).toEqual([
      ['fake', 2],
      ['second', 1],
    ]);
  });

  it('tells the keys that cost most apart, and adds up the others', async () => {
    await usages(
      { id: 'a', key: 'key_a', cost: '5', tokens: 1 },
      { id: 'b', key: 'key_b', cost: '7', tokens: 2 },
      { id: 'b before', key: 'key_b', cost: '1', tokens: 4, admittedAtMs: NOON - 2 * HOUR_MS },
      { id: 'c', key: 'key_c', cost: '2', tokens: 8 },
      { id: 'd', key: 'key_d', cost: null, tokens: 16 },
    );
    const { data, groups } = await series({ group_by: 'key', top: 2 }, 'org_default');
    expect(data.map(({ start, group, tokens }) => [start.slice(11, 13), group, tokens])).toEqual([
      ['10', 'key_b', 4],
      ['12', 'key_a', 1],
      ['12', 'key_b', 2],
      ['12', null, 24],
    ]);
    expect(groups!.map(({ group, tokens, requests }) => [group, tokens, requests])).toEqual([
      ['key_b', 6, 2],
      ['key_a', 1, 1],
      [null, 24, 2],
    ]);
    expect((await series({ group_by: 'team' }, 'org_default')).groups).toMatchObject([
      { group: 'team_a', requests: 5, unpriced_requests: 1 },
    ]);
    expect(await series({})).not.toHaveProperty('groups');
  });

  it('begins days at midnight where the key’s limits have it', async () => {
    const limits = { timezone: 'America/New_York', reset_period: 'daily' } as const;
    await applyKeyChange(db, keyChanged({ version: 1, limits }), NOON);
    await usages(
      { id: 'a', admittedAtMs: Date.parse('2026-11-23T04:59:59.999Z') },
      { id: 'b', admittedAtMs: Date.parse('2026-11-23T05:00:00.000Z') },
    );
    const { data, timezone } = await series({ bucket: 'day' });
    expect(timezone).toBe('America/New_York');
    expect(data.map(({ start }) => start)).toEqual(['2026-11-22T05:00:00.000Z', '2026-11-23T05:00:00.000Z']);
  });

  it('refuses an answer that nobody could draw, and says what to ask instead', async () => {
    await usages({ id: 'a month', key: 'key_b' });
    await db.query(
      `
      INSERT INTO usage_ledger (id, admitted_at, settled_at, key_id, team_id, generation_key, generation_team,
        generation_organization, gateway, gateway_sequence, endpoint, provider, model, upstream_model, status,
        streamed, tokens_input, tokens_cached_input, tokens_cache_write, tokens_output, tokens_reasoning,
        tokens_total, quality, latency_ms, metadata)
      SELECT 'n' || n, $1::timestamptz - n % 2000 * interval '1 min', $1, 'key_a', 'team_a', 0, 0, 0, 'g', 1, '/', 'p',
        'model ' || n / 2000, 'm', 'succeeded', false, 1, 0, 0, 0, 0, 1, 'exact', 1, '{}'
      FROM generate_series(1, 10001) AS n`,
      [new Date(NOON)],
    );
    const minutes = { bucket: 'minute', from: new Date(NOON - 2 * DAY_MS).toISOString() } as const;
    await expect(series({ ...minutes, group_by: 'model' })).rejects.toMatchObject({
      code: 'invalid_field',
      extras: { param: 'from' },
    });
    expect((await series(minutes)).data).toHaveLength(2_000);
  });
});

describe('the last requests', () => {
  it('are told newest first, page by page, each once, without corrections', async () => {
    await usages(
      { id: 'old', admittedAtMs: NOON - DAY_MS, cost: null },
      { id: 'b', admittedAtMs: NOON - 5 },
      { id: 'a', admittedAtMs: NOON - 5 },
      { id: 'new', tokens: 3 },
      { id: 'another', key: 'key_b' },
    );
    await db.query(
      `INSERT INTO usage_ledger SELECT 'credit', admitted_at, settled_at, key_id, team_id, generation_key,
         generation_team, generation_organization, gateway, gateway_sequence, endpoint, provider, model,
         upstream_model, status, http_status, streamed, client_ip, 0, 0, 0, 0, 0, 0, quality, -1, price_version,
         latency_ms, first_token_ms, metadata, 'credit', 0 FROM usage_ledger WHERE id = 'new'`,
    );
    const first = await readRequests(db.manager, 'key_a', { limit: 2 });
    const second = await readRequests(db.manager, 'key_a', { limit: 2, cursor: first.next_cursor! });
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(['new', 'b', 'a', 'old']);
    expect(second.next_cursor).toBeNull();
    expect(requestsAnswer.parse(first).data[0]).toMatchObject({
      ...{ tokens: 3, input_tokens: 3, cost_usd: '0.01', http_status: 200, latency_ms: 100.5 },
      admitted_at: new Date(NOON).toISOString(),
    });
    const ofTeam = await readRequests(db.manager, 'team_a', { limit: 200 });
    expect(ofTeam.data.map(({ id }) => id).sort()).toEqual(['a', 'another', 'b', 'new', 'old']);
  });
});

describe('the statement', () => {
  it('lists each record with the balance after it, which ends at the meter', async () => {
    await usages(
      { id: 'b', tokens: 2, cost: '0.000000000001', admittedAtMs: NOON - 5 },
      { id: 'a', tokens: 1, cost: null, admittedAtMs: NOON - 5 },
      { id: 'c', tokens: 3, cost: '1.5' },
    );
    const { data, meter, opening } = await statement();
    expect(opening).toEqual({ cost_usd: '0.00', tokens: 0, requests: 0 });
    expect(data.map(({ id, cost_usd, balance }) => [id, cost_usd, balance])).toEqual([
      ['a', null, { cost_usd: '0.00', tokens: 1, requests: 1 }],
      ['b', '0.000000000001', { cost_usd: '0.000000000001', tokens: 3, requests: 2 }],
      ['c', '1.50', { cost_usd: '1.500000000001', tokens: 6, requests: 3 }],
    ]);
    expect(meter).toEqual(data.at(-1)!.balance);
  });

  it('is of one period and generation: the current ones, or those that are asked for', async () => {
    const limits = { reset_period: 'daily' } as const;
    await applyKeyChange(db, keyChanged({ version: 1, limits }), NOON - DAY_MS);
    await usages({ id: 'yesterday', admittedAtMs: NOON - DAY_MS }, { id: 'today' });
    await applyKeyChange(db, keyChanged({ version: 2, limits, generation: 1 }), NOON);
    await usages({ id: 'after the reset', generation: 1 });
    const ids = async (query: Partial<StatementQuery>) => (await statement(query)).data.map(({ id }) => id);
    expect(await ids({})).toEqual(['after the reset']);
    expect(await ids({ generation: 0 })).toEqual(['today']);
    const yesterday = new Date(NOON - DAY_MS).toISOString();
    expect(await ids({ generation: 0, at: yesterday })).toEqual(['yesterday']);
    expect((await statement({ at: yesterday })).period.id).toBe('2026-11-22');
  });

  it('opens with what was used in months that have left the ledger', async () => {
    await usages({ id: 'a', tokens: 2 });
    await db.query(`INSERT INTO opening_balances VALUES
      ('key_a', 0, 'all', '2026-01-01', NULL, NULL, 5, 3, 1), ('key_a', 0, 'all', '2026-02-01', NULL, NULL, 6, 4, 1),
      ('key_a', 1, 'all', '2026-02-01', NULL, NULL, 100, 100, 1)`);
    const { opening, data } = await statement();
    expect(opening).toEqual({ cost_usd: '0.000000000011', tokens: 7, requests: 2 });
    expect(data[0]!.balance).toEqual({ cost_usd: '0.010000000011', tokens: 9, requests: 3 });
  });

  it('ends at the meter of key, team and organization, in pages of any size', async () => {
    const usage = fc.record({
      key: fc.constantFrom('key_a', 'key_b'),
      team: fc.constantFrom('team_a', 'team_b'),
      tokens: fc.nat(1_000),
      cost: fc.option(fc.constantFrom('0.000000000001', '0.1', '12.345678')),
      back: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(usage, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        async (all, limit) => {
          await usages(
            ...all.map(({ back, ...rest }, i) => ({
              ...rest,
              id: `${folded + i}`,
              admittedAtMs: NOON - back,
            })),
          );
          for (const scopeId of ['key_a', 'team_b', 'org_default']) {
            const { lines, last } = await wholeStatement(scopeId, limit);
            const { meter } = await readMeter(db.manager, scopeId, NOON);
            expect(new Set(lines.map(({ id }) => id)).size).toBe(meter.requests);
            const { cost_usd, tokens, requests } = meter;
            expect(last.meter).toEqual({ cost_usd, tokens, requests });
            if (lines.length > 0) expect(lines.at(-1)!.balance).toEqual(last.meter);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('says of a cursor from elsewhere what to do', async () => {
    await expect(statement({ cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'invalid_field',
      extras: { param: 'cursor' },
    });
  });
});

describe('an export', () => {
  it('has every record once, over many pages, and its costs are the meter’s', async () => {
    const all = Array.from({ length: 4_500 }, (_, i) => ({
      id: `r${i}`,
      admittedAtMs: NOON - (i % 7),
      cost: '0.000000000003',
    }));
    await usages(...all);
    const lines = (await exported('ndjson'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(lines.map(({ id }) => id)).size).toBe(4_500);
    expect(lines).toHaveLength(4_500);
    const sum = lines.reduce((cost, line) => cost + parseUsd(line.cost_usd), 0n);
    expect(sum).toBe(parseUsd((await readMeter(db.manager, 'key_a', NOON)).meter.cost_usd));
  });

  it('is CSV that a reader gets back, with nothing that a spreadsheet would run', async () => {
    const odd = { ...usageRecord({ id: 'odd' }), model: '=HYPERLINK("x")', provider: 'a,"b"\nc' };
    await use(odd, usageRecord({ id: 'plain' }));
    const rows: Record<string, string>[] = parse(await exported('csv'), { columns: true });
    expect(rows.find(({ id }) => id === 'odd')).toMatchObject({
      model: `'=HYPERLINK("x")`,
      provider: 'a,"b"\nc',
    });
    expect(rows.find(({ id }) => id === 'plain')).toMatchObject({
      kind: 'usage',
      admitted_at: '2026-11-23T12:00:00.000Z',
      streamed: 'false',
      tokens_total: '10',
      cost_usd: '0.01',
      metadata: '{"purpose":"spec"}',
    });
  });

  it('of a time without use is a header, and of one scope only its own', async () => {
    await usages({ id: 'a' }, { id: 'b', key: 'key_b' });
    expect((await exported('csv', 'key_none')).trimEnd().split('\n')).toHaveLength(1);
    expect((await exported('ndjson', 'key_b')).trimEnd().split('\n')).toHaveLength(1);
    expect((await exported('ndjson', 'team_a')).trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('a backtest', () => {
  const ask = (limits: BacktestBody['limits'], span: Partial<BacktestBody> = {}) =>
    backtest(db.manager, { scope_id: 'key_a', limits, ...span }, NOON + 1);
  const yesterday = new Date(NOON - 2 * DAY_MS).toISOString();

  it('says what limits would have refused of each period, when, and what that would have saved', async () => {
    await usages(
      ...[0, 1, 2, 3].map((n) => ({ id: `req_${n}/1`, tokens: 40, admittedAtMs: NOON - DAY_MS + n * 1_000 })),
      { id: 'req_9/1', tokens: 5 },
      { id: 'req_b/1', key: 'key_b', tokens: 1_000 },
    );
    const answer = await ask({ tokens: 80, reset_period: 'daily' }, { from: yesterday });
    expect(answer).toMatchObject({
      requests: 5,
      refused: 2,
      refused_by: { requests_per_minute: 0, cost_usd: 0, tokens: 2 },
      saved: { cost_usd: '0.02', tokens: 80 },
    });
    expect(answer.periods.map(({ period, ...rest }) => [period.id, rest])).toEqual([
      [
        '2026-11-22',
        {
          requests: 4,
          refused: 2,
          first_refused_at: new Date(NOON - DAY_MS + 2_000).toISOString(),
          used: { cost_usd: '0.02', tokens: 80 },
        },
      ],
      [
        '2026-11-23',
        { requests: 1, refused: 0, first_refused_at: null, used: { cost_usd: '0.01', tokens: 5 } },
      ],
    ]);
  });

  it('of limits that nobody would have reached refuses nothing, over many pages', async () => {
    await usages(
      ...Array.from({ length: 5_500 }, (_, n) => ({ id: `req_${n}/1`, admittedAtMs: NOON - (n % 5) })),
    );
    expect(await ask({ tokens: 1_000_000 })).toMatchObject({ requests: 5_500, refused: 0 });
    expect(await ask({ requests_per_minute: 100 })).toMatchObject({ requests: 5_500, refused: 5_400 });
  });
});
