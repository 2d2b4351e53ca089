import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RebuildResult } from '@tollgate/contracts/operations-http';
import { freePort } from '@tollgate/dev-stack/ports';
import { startPostgres } from '@tollgate/dev-stack/postgres';
import { Client } from 'pg';
import { progress } from './progress.ts';
import { type Section, shown } from './report.ts';
import { dataFolder } from './system/data-folder.ts';

export interface RebuildOptions {
  readonly records: number;
  readonly keys: number;
}

const OPERATE = fileURLToPath(new URL('../../apps/metering/dist/operate.js', import.meta.url));
const ZONES = ['UTC', 'America/New_York', 'Pacific/Apia'];
const TEAMS = 20;

/** Records of the last 30 days with daily periods for keys, in a ledger without totals. */
const FILL = `
  SELECT make_ledger_months((now() - interval '31 days')::date, (now() + interval '1 day')::date);
  INSERT INTO scopes (scope_id, scope, reset_period, timezone)
    SELECT 'key_' || n, 'key', 'daily', 'Europe/Berlin' FROM generate_series(0, $keys - 1) AS n
    UNION ALL SELECT 'team_' || n, 'team', 'monthly', 'Asia/Tokyo' FROM generate_series(0, ${TEAMS - 1}) AS n
    UNION ALL SELECT 'org_default', 'organization', 'never', 'UTC';
  INSERT INTO usage_ledger (id, admitted_at, settled_at, key_id, team_id, generation_key, generation_team,
      generation_organization, gateway, gateway_sequence, endpoint, provider, model, upstream_model, status, streamed,
      tokens_input, tokens_cached_input, tokens_cache_write, tokens_output, tokens_reasoning, tokens_total, quality,
      cost, price_version, latency_ms, metadata)
    SELECT 'req_' || lpad(n::text, 22, '0') || '/1', at, at, 'key_' || n % $keys, 'team_' || n % ${TEAMS}, 0, 0, 0,
      'gateway', n, '/v1/chat/completions', 'openai', 'gpt-5', 'gpt-5', 'succeeded', false, 300, 0, 0, 100, 0, 400,
      'exact', 123000000 + n, '1', 100, '{}'
    FROM generate_series(1, $records) AS n,
      LATERAL (SELECT now() - make_interval(secs => (n * 7919::bigint) % 2592000) AS at) AS admitted;
  ANALYZE usage_ledger`;

interface Rebuilt extends RebuildResult {
  readonly zone: string;
  readonly seconds: number;
}

/** How long it takes to count totals anew from the ledger: once without any totals, then under other time zones. */
export async function benchRebuild({ records, keys }: RebuildOptions): Promise<Section> {
  progress('starting PostgreSQL');
  const dataDir = join(dataFolder(), 'postgres');
  const postgres = await startPostgres({ dataDir, port: await freePort(), log: () => {} });
  try {
    await operate(postgres.url, 'UTC', 'quarantine');
    progress(`writing ${shown(records)} records`);
    const db = new Client({ connectionString: postgres.url });
    await db.connect();
    await db.query(FILL.replaceAll('$keys', `${keys}`).replaceAll('$records', `${records}`));
    await db.end();
    const runs: Rebuilt[] = [];
    for (const [i, zone] of [ZONES[0]!, ...ZONES].entries()) {
      progress(`rebuilding under TZ=${zone}`);
      runs.push(await rebuild(postgres.url, zone, i === 0));
    }
    return section({ records, keys }, runs);
  } finally {
    await postgres.stop();
  }
}

async function rebuild(url: string, zone: string, repair: boolean): Promise<Rebuilt> {
  const startMs = performance.now();
  const result = await operate<RebuildResult>(url, zone, 'rebuild', ...(repair ? ['--repair'] : []));
  return { ...result, zone, seconds: (performance.now() - startMs) / 1_000 };
}

async function operate<Result>(url: string, zone: string, ...command: string[]): Promise<Result> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: url, TZ: zone };
  const { stdout } = await promisify(execFile)(process.execPath, [OPERATE, ...command], { env });
  return JSON.parse(stdout) as Result;
}

function section({ records, keys }: RebuildOptions, runs: readonly Rebuilt[]): Section {
  const hashes = new Set([
    ...runs.map((run) => run.ledger_sha256),
    ...runs.slice(1).map((run) => run.kept_sha256),
  ]);
  return {
    title: 'Rebuild',
    notes: [
      `${shown(records)} records of 30 days, ${shown(keys)} keys counted by the day in Berlin, ${TEAMS} teams by the month in Tokyo, one organization for ever. Seconds are of the whole command, process start included.`,
      'The first run finds no totals at all and writes every one; the others count the ledger under another time zone of the process, and compare.',
    ],
    tables: [
      {
        caption: 'Totals counted anew',
        header: [
          'TZ',
          'seconds',
          'records',
          'scopes set right',
          'totals and ledger agree',
          'SHA-256 of the totals',
        ],
        rows: runs.map((run) => [
          run.zone,
          shown(run.seconds, 1),
          shown(run.records),
          shown(run.repaired),
          run.equal ? 'yes' : `${shown(run.differing)} differed`,
          run.ledger_sha256.slice(0, 16),
        ]),
      },
    ],
    verdicts: [
      {
        what: 'rebuild of everything',
        measured: Math.max(...runs.map(({ seconds }) => seconds)),
        unit: ' s',
        least: (60 * records) / 1_000_000,
        stretch: (30 * records) / 1_000_000,
        better: 'lower',
      },
      { what: 'different hashes', measured: hashes.size, unit: '', least: 1, stretch: 1, better: 'lower' },
    ],
  };
}
