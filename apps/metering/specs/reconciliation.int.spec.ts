import type { UsageRecorded } from '@tollgate/contracts/events';
import type { ReconciliationBody } from '@tollgate/contracts/operations-http';
import type { DataSource } from 'typeorm';
import { credit } from '../src/corrections/credit.ts';
import { reconcileUsage } from '../src/reconciliation/reconcile-usage.ts';
import {
  applyKeyChange,
  DAY_MS,
  foldBatch,
  givenDatabase,
  keyChanged,
  NOON,
  usageBatch,
  usageRecord,
} from './given.ts';

let db: DataSource;
let drop: () => Promise<void>;

const MIDNIGHT = Date.parse('2026-11-23T00:00:00.000Z');
const record = (id: string, admittedAtMs: number, fields: Partial<UsageRecorded>): UsageRecorded => ({
  ...usageRecord({ id, admittedAtMs }),
  ...fields,
});
const openai = { provider: 'openai', model: 'gpt-4o', upstream_model: 'gpt-4o' };
const anthropic = { provider: 'anthropic', model: 'claude-haiku-4-5', upstream_model: 'claude-haiku-4-5' };

beforeAll(async () => {
  ({ db, drop } = await givenDatabase());
  await applyKeyChange(db, keyChanged({ version: 1 }), NOON);
  const gpt = { input: 60, cached_input: 40, cache_write: 0, output: 20, reasoning: 5, total: 120 };
  const claude = { input: 10, cached_input: 200, cache_write: 30, output: 7, reasoning: 0, total: 247 };
  const none = { input: 0, cached_input: 0, cache_write: 0, output: 0, reasoning: 0, total: 0 };
  const records = [
    record('a', MIDNIGHT, { ...openai, tokens: gpt, cost_usd: '0.1' }),
    record('b', MIDNIGHT + DAY_MS / 2, { ...openai, tokens: gpt, cost_usd: '0.2' }),
    record('failed', NOON, { ...openai, tokens: none, status: 'failed', cost_usd: '0' }),
    record('before', MIDNIGHT - 1, { ...openai, tokens: gpt, cost_usd: '0.4' }),
    record('c', NOON, { ...anthropic, tokens: claude, cost_usd: '0.05' }),
  ];
  await foldBatch(db, usageBatch(0, 0, records), NOON);
  // What is given back to a key is nothing that a provider knows of.
  await credit(
    db,
    { key_id: 'key_a', cost_usd: '0.01', tokens: 0, reason: 'kindness', actor: 'adm_spec' },
    NOON,
  );
});
afterAll(() => drop());

const reconciled = (
  format: ReconciliationBody['format'],
  text: string,
  fields: Partial<ReconciliationBody> = {},
) => reconcileUsage(db, { format, export: text, tolerance_percent: 0, actor: 'adm_spec', ...fields });

const usageResult = {
  object: 'organization.usage.completions.result',
  input_tokens: 200,
  output_tokens: 40,
  input_cached_tokens: 80,
  input_audio_tokens: 0,
  output_audio_tokens: 0,
  num_model_requests: 2,
  project_id: null,
  user_id: null,
  api_key_id: null,
  model: 'gpt-4o-2024-08-06',
  batch: null,
};
const bucket = (start: number, results: object[]) => ({
  object: 'bucket',
  start_time: start / 1_000,
  end_time: (start + DAY_MS) / 1_000,
  results,
});
const page = (...data: object[]) =>
  JSON.stringify({ object: 'page', data, has_more: false, next_page: null });

describe('with OpenAI', () => {
  it('finds the usage API and the ledger equal, where snapshots are named and a day has no use', async () => {
    const text = page(bucket(MIDNIGHT, [usageResult]), bucket(MIDNIGHT + DAY_MS, []));
    expect(await reconciled('openai', text)).toEqual({
      provider: 'openai',
      from: '2026-11-23',
      to: '2026-11-24',
      compared: 1,
      differing: 0,
      lines: [],
      totals: {
        provider: { requests: 2, input: 200, cached_input: 80, output: 40 },
        ledger: { requests: 2, input: 200, cached_input: 80, output: 40 },
        difference: { requests: 0, input: 0, cached_input: 0, output: 0 },
      },
    });
  });

  it('names by day and model what the provider has more, and what only the ledger has', async () => {
    const day = [
      { ...usageResult, input_tokens: 150 },
      { ...usageResult, model: 'gpt-4o-mini', input_tokens: 9 },
    ];
    const { lines, differing } = await reconciled(
      'openai',
      page(bucket(MIDNIGHT - DAY_MS, []), bucket(MIDNIGHT, day)),
    );
    expect(differing).toBe(3);
    expect(lines.map(({ day: on, model, difference }) => [on, model, difference.input])).toEqual([
      ['2026-11-22', 'gpt-4o', -100],
      ['2026-11-23', 'gpt-4o-2024-08-06', -50],
      ['2026-11-23', 'gpt-4o-mini', 9],
    ]);
  });

  it('reads pages of the costs API by their line items', async () => {
    const cost = (line_item: string, value: number) => ({
      object: 'organization.costs.result',
      amount: { value, currency: 'usd' },
      line_item,
      project_id: null,
    });
    const items = [
      cost('gpt-4o-2024-08-06, input', 0.1),
      cost('gpt-4o-2024-08-06, output', 0.20000000000000001),
    ];
    const text = `[${page(bucket(MIDNIGHT, [items[0]!]))},${page(bucket(MIDNIGHT, [items[1]!]))}]`;
    expect(await reconciled('openai', text)).toMatchObject({
      differing: 0,
      totals: { provider: { cost_usd: '0.30' }, ledger: { cost_usd: '0.30' } },
    });
  });

  it("reads the dashboard's CSV files, a line for each minute and key", async () => {
    const head =
      'start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model';
    const line = (at: number, key: string) =>
      `${at / 1_000},${at / 1_000 + 60},,,proj_1,1.0,,${key},gpt-4o-2024-08-06,100,20,40`;
    const text = [
      `\ufeff${head},input_tokens,output_tokens,input_cached_tokens`,
      line(MIDNIGHT, 'key_1'),
      line(MIDNIGHT, 'key_2'),
      `${MIDNIGHT / 1_000 + 60},${MIDNIGHT / 1_000 + 120},,,,,,,,,,`,
      '',
    ].join('\r\n');
    expect(await reconciled('openai', text)).toMatchObject({ compared: 1, differing: 0 });
  });
});

describe('with Anthropic', () => {
  it('reads the usage report', async () => {
    const results = [
      {
        uncached_input_tokens: 10,
        cache_creation: { ephemeral_1h_input_tokens: 10, ephemeral_5m_input_tokens: 20 },
        cache_read_input_tokens: 200,
        output_tokens: 7,
        server_tool_use: { web_search_requests: 0 },
        model: 'claude-haiku-4-5-20251001',
        workspace_id: null,
      },
    ];
    const data = [{ starting_at: '2026-11-23T00:00:00Z', ending_at: '2026-11-24T00:00:00Z', results }];
    expect(await reconciled('anthropic', JSON.stringify({ data, has_more: false }))).toMatchObject({
      differing: 0,
      totals: { ledger: { input: 240, cached_input: 200, cache_write: 30, output: 7 } },
    });
  });

  it('reads the cost report, whose amounts are cents, with what is for no model by its description', async () => {
    const results = [
      { currency: 'USD', amount: '5.0', model: 'claude-haiku-4-5-20251001', description: 'Haiku, input' },
      { currency: 'USD', amount: '1.25', model: null, description: 'Web Search Usage' },
    ];
    const data = [{ starting_at: '2026-11-23T00:00:00Z', ending_at: '2026-11-24T00:00:00Z', results }];
    expect((await reconciled('anthropic', JSON.stringify({ data }))).lines).toMatchObject([
      { model: 'Web Search Usage', difference: { cost_usd: '0.0125' } },
    ]);
  });

  it("reads the console's CSV files of usage and of cost", async () => {
    const usage =
      'usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,' +
      'usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,' +
      'usage_output_tokens,web_search_count\n2026-11-23,claude-haiku-4-5-20251001,k,Default,standard,≤ 200k,10,30,0,200,7,0\n';
    expect(await reconciled('anthropic', usage)).toMatchObject({ compared: 1, differing: 0 });
    const cost = (usd: string) =>
      'usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,cost_type\n' +
      `2026-11-23,Claude Haiku 4.5,Default,k,message,≤ 200k,output,${usd},token\n`;
    expect(await reconciled('anthropic', cost('0.05'))).toMatchObject({ differing: 0 });
    expect(await reconciled('anthropic', cost('0.051'))).toMatchObject({ differing: 1 });
    expect(await reconciled('anthropic', cost('0.051'), { tolerance_percent: 2 })).toMatchObject({
      differing: 0,
    });
  });
});

it('says what is wrong with an export, and where', async () => {
  const wrong: [string, RegExp][] = [
    ['{"data":', /cannot be read: .*JSON/],
    ['{"error": "no"}', /has not the shape of an answer/],
    ['a,b\n1,2\n', /line 2 does not tell its day/],
    ['start_time,model\n"1', /cannot be read: /],
    ['start_time,model\n', /has no rows/],
    [
      page(bucket(MIDNIGHT, [{ ...usageResult, model: null }])),
      /2026-11-23 cannot be read: model .*grouped by model/s,
    ],
    [page(bucket(MIDNIGHT, [{ ...usageResult, input_tokens: -4 }])), /input_tokens/],
    [page(bucket(MIDNIGHT, [{ amount: { value: 1, currency: 'eur' }, line_item: 'x' }])), /eur, not USD/],
  ];
  for (const [text, message] of wrong) {
    await expect(async () => reconciled('openai', text)).rejects.toMatchObject({
      code: 'invalid_field',
      message: expect.stringMatching(message),
    });
  }
});

it('is kept among the operations, without the export', async () => {
  await reconciled('openai', page(bucket(MIDNIGHT, [usageResult])), { actor: 'adm_finance' });
  const [kept] = await db.query(`SELECT * FROM operations WHERE actor = 'adm_finance'`);
  expect(kept).toMatchObject({ kind: 'reconcile', result: { differing: 0 } });
  expect(kept.parameters).toEqual({
    format: 'openai',
    provider: 'openai',
    from: '2026-11-23',
    to: '2026-11-23',
    tolerance_percent: 0,
  });
});
