import type { KeyPage } from '@tollgate/contracts/admin-http';
import { enqueue } from '@tollgate/event-store/outbox';
import { toRecord } from '@tollgate/kafka/cloud-event';
import pg from 'pg';
import { progress } from './progress.ts';
import { type Section, shown, type Table } from './report.ts';
import { quantile } from './statistics.ts';
import { keyCreated } from './system/key-topics.ts';
import { seedKeys } from './system/seed-keys.ts';
import { startWholeSystem, type WholeSystem } from './system/whole-system.ts';

export interface AdminOptions {
  readonly keys: number;
  /** How often each question is asked. */
  readonly trials: number;
}

/** Administrators and their scripts. More would measure how many answers a second two cores give. */
const AT_ONCE = 2;
const WARM_UPS = 20;
const OUTBOX_BATCH = 2_000;
const LOOK_EVERY_MS = 10;

interface Asked {
  readonly what: string;
  readonly ms: readonly number[];
}

/** How soon an administrator of many keys is answered, and how fast their changes leave. */
export async function benchAdmin({ keys, trials }: AdminOptions): Promise<Section> {
  const onStage = (stage: string) => progress(`starting ${stage}`);
  const system = await startWholeSystem({ providerPort: 1, gateways: 1, onStage });
  const db = new pg.Client({ connectionString: system.keyAdminUrl });
  await db.connect();
  try {
    const { key } = await system.admin.createKey({ cost_usd: '25.00', reset_period: 'monthly' });
    progress(`writing ${shown(keys)} keys`);
    await seedKeys(db, key.id, keys);
    const asked: Asked[] = [];
    for (const [what, path] of await questions(system, keys)) {
      progress(what);
      asked.push({ what, ms: await ask(system, path, trials) });
    }
    progress(`publishing ${shown(keys)} changes`);
    const relayed = await relay(db, keys);
    return section(keys, trials, asked, relayed);
  } finally {
    await db.end();
    await system.stop();
  }
}

type Question = readonly [what: string, path: (n: number) => string];

async function questions(system: WholeSystem, keys: number): Promise<Question[]> {
  const middle = await pageAfter(system, keys >> 1);
  const nth = (n: number) => `key_${String(1 + ((n * 7_919) % keys)).padStart(22, '0')}`;
  return [
    ['first page, newest first', () => '/v1/keys'],
    ['first page, by name, 200 keys', () => '/v1/keys?sort=name&limit=200'],
    ['page in the middle', () => `/v1/keys?limit=200&cursor=${middle}`],
    ['active keys of an environment', () => '/v1/keys?environment=production&status=active'],
    ['keys of an owner', (n) => `/v1/keys?owner=owner%20${n % 1_000}`],
    ['disabled keys', () => '/v1/keys?status=disabled'],
    ['by metadata', (n) => `/v1/keys?metadata=cost_center:${n % 500}`],
    ['search that finds one', (n) => `/v1/keys?search=service%20${10_000 + n}%20`],
    ['search that finds nothing', (n) => `/v1/keys?search=nothing%20${n}`],
    ['search by last four', (n) => `/v1/keys?search=${String(n % 10_000).padStart(4, '0')}`],
    ['a key', (n) => `/v1/keys/${nth(n)}`],
    ['overview of a key', (n) => `/v1/keys/${nth(n)}/overview`],
    ['overview of the team', () => '/v1/teams/team_default/overview'],
    ['teams', () => '/v1/teams'],
  ];
}

/** The cursor behind so many keys. */
async function pageAfter(system: WholeSystem, keys: number): Promise<string> {
  let cursor = '';
  for (let seen = 0; seen < keys; seen += 200) {
    const page = (await get(system, `/v1/keys?limit=200&${cursor && `cursor=${cursor}`}`)) as KeyPage;
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  return cursor;
}

async function ask(system: WholeSystem, path: (n: number) => string, trials: number): Promise<number[]> {
  for (let n = 0; n < WARM_UPS; n += 1) await get(system, path(n));
  const ms: number[] = [];
  let next = 0;
  const take = async () => {
    for (let n = next++; n < trials; n = next++) {
      const startedMs = performance.now();
      await get(system, path(n));
      ms.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  return ms;
}

async function get({ admin }: WholeSystem, path: string): Promise<unknown> {
  const answer = await fetch(admin.url + path, { headers: { authorization: `Bearer ${admin.adminKey}` } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Changes a second, from the commit that queued them all until the outbox is empty. */
async function relay(db: pg.Client, changes: number): Promise<number> {
  const query = async (text: string, values?: unknown[]) => (await db.query(text, values)).rows;
  const sql = { query } as Parameters<typeof enqueue>[0];
  await db.query('begin');
  for (let done = 0; done < changes; done += OUTBOX_BATCH) {
    const records = Array.from({ length: Math.min(OUTBOX_BATCH, changes - done) }, () =>
      toRecord('keys', keyCreated()),
    );
    await enqueue(sql, records);
  }
  await db.query('commit');
  const startedMs = performance.now();
  const isEmpty = async () => (await db.query('select 1 from outbox limit 1')).rowCount === 0;
  while (!(await isEmpty())) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  return (changes / (performance.now() - startedMs)) * 1_000;
}

function section(keys: number, trials: number, asked: readonly Asked[], relayed: number): Section {
  const table: Table = {
    caption: `ms until the answer is read, ${shown(keys)} keys`,
    header: ['', 'p50', 'p99', 'max'],
    rows: asked.map(({ what, ms }) => [what, ...[0.5, 0.99, 1].map((q) => shown(quantile(ms, q), 1))]),
  };
  const worst = Math.max(...asked.map(({ ms }) => quantile(ms, 0.99)));
  return {
    title: 'Administration',
    notes: [
      `The whole system on loopback, nothing pinned; each question ${trials} times, ${AT_ONCE} at a time.`,
      'The outbox is filled in one transaction; the relay publishes and notes each change where it landed.',
    ],
    tables: [table],
    verdicts: [
      {
        what: 'slowest question, p99',
        measured: worst,
        unit: ' ms',
        least: 50,
        stretch: 20,
        better: 'lower',
      },
      {
        what: 'changes published',
        measured: relayed,
        unit: '/s',
        least: 5_000,
        stretch: 10_000,
        better: 'higher',
      },
    ],
  };
}
