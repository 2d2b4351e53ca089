import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LineItem } from '@tollgate/contracts/billing-http';
import type { ServiceProcess } from '@tollgate/dev-stack/service-process';
import { eventually } from '@tollgate/testing/eventually';
import { HOUR_MS } from './given.ts';
import { RunningBilling } from './running-billing.ts';
import { StripeStandIn } from './stripe-stand-in.ts';

const KILLS = 3;
/** Longer than the consumer's session (10 s): the partitions go to another. */
const SESSION_MS = 10_000;
const SOON = { within_ms: 60_000 };
const OPERATE = fileURLToPath(new URL('../dist/operate.js', import.meta.url));

let billing: RunningBilling;
let stripe: StripeStandIn;
let service: ServiceProcess;
let env: Record<string, string>;
const folder = mkdtempSync(join(tmpdir(), 'billing-spec-'));

beforeAll(async () => {
  stripe = await StripeStandIn.start();
  const file = join(folder, 'stripe.json');
  const from = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 25 * 24 * HOUR_MS).toISOString();
  const customers = [0, 1].map((n) => ({ team_id: `team_${n}`, stripe_customer_id: `cus_${n}`, from }));
  writeFileSync(file, JSON.stringify({ customers, meters: [{ event_name: 'tokens', unit: 'token' }] }));
  env = {
    BILLING_STRIPE_FILE: file,
    BILLING_GRACE_MS: '0',
    BILLING_STRIPE_SEND: 'true',
    STRIPE_API_KEY: 'sk_test_spec',
    STRIPE_API_BASE: stripe.base,
  };
  billing = await RunningBilling.prepare('billing');
  await billing.use(500);
  service = await billing.start(env);
}, 60_000);
afterAll(async () => {
  await service?.kill();
  await billing?.close();
  await stripe?.stop();
}, 60_000);

const allBilled = () =>
  eventually(async () => expect(await billing.billed()).toEqual(billing.expected), SOON);
const grows = async () => {
  const before = await billing.billed();
  await eventually(async () => expect(await billing.billed()).not.toEqual(before), { ...SOON, every_ms: 5 });
};
const ask = (path: string, token = billing.internalToken) =>
  fetch(`${service.url}${path}`, { headers: { authorization: `Bearer ${token}` } });

it('bills every record once: doubled, late and corrected ones', async () => {
  await allBilled();
});

it('tells Stripe what hours that are over came to, and nothing twice', async () => {
  await eventually(async () => {
    const rows = await billing.db.query(`
      SELECT team_id, written::text, (SELECT sum(tokens_total)::text FROM billing.line_items i
        WHERE i.team_id = l.team_id AND hour < l.closed_to) AS used,
        (SELECT sum(value)::text FROM billing.meter_events e WHERE e.team_id = l.team_id AND state = 'sent') AS sent
      FROM billing.meter_lines l ORDER BY 1`);
    expect(rows.map(({ team_id }: { team_id: string }) => team_id)).toEqual(['team_0', 'team_1']);
    for (const { written, used, sent } of rows) expect([written, sent]).toEqual([used, used]);
  }, SOON);
  const told = [...stripe.taken.values()].filter(({ customer }) => customer === 'cus_0');
  expect(told.length).toBeGreaterThan(1);
  expect(stripe.calls).toHaveLength(stripe.taken.size);
});

it(`counts nothing twice over ${KILLS} kills of its process`, async () => {
  for (let kill = 0; kill < KILLS; kill += 1) {
    const used = billing.use(300);
    await grows();
    await service.kill();
    await used;
    service = await billing.start(env);
  }
  await allBilled();
}, 180_000);

it('counts nothing twice when it is paused beyond its session, another takes over, and it is revived', async () => {
  const first = billing.use(300);
  await grows();
  process.kill(service.pid, 'SIGSTOP');
  await first;
  const other = await billing.start(env);
  const pausedMs = performance.now();
  try {
    await eventually(() => expect(performance.now() - pausedMs).toBeGreaterThan(SESSION_MS * 1.2), {
      within_ms: SESSION_MS * 2,
    });
    await billing.use(300);
    await allBilled();
    process.kill(service.pid, 'SIGCONT');
    await billing.use(300);
    await allBilled();
    expect(service.running).toBe(true);
  } finally {
    await other.stop();
  }
}, 180_000);

it('goes on past records that nobody can read, and accounts for every record that it consumed', async () => {
  const producer = billing.connection.kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await service.stop();
  service = await billing.start(env);
  for (const value of ['not json', '{}']) {
    await producer.send({ topic: billing.connection.topic('usage'), messages: [{ key: 'key_1', value }] });
  }
  await producer.disconnect();
  await billing.use(200);
  await allBilled();
  await eventually(async () => {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    const value = (pattern: RegExp) => {
      let sum = 0;
      for (const [, figure] of text.matchAll(pattern)) sum += Number(figure);
      return sum;
    };
    expect(value(/^tollgate_billing_records_total\{outcome="dead_lettered"\} (\d+)/gm)).toBe(2);
    // 200 records, 20 of them twice, 10 corrections twice, and 2 that cannot be read.
    expect(value(/^tollgate_billing_records_total\{outcome="applied"\} (\d+)/gm)).toBe(210);
    expect(value(/^tollgate_billing_consumed_total (\d+)/gm)).toBe(242);
    expect(value(/^tollgate_billing_records_total\{[^}]*\} (\d+)/gm)).toBe(242);
    expect(value(/^tollgate_billing_lag_records\{[^}]*\} (\d+)/gm)).toBe(0);
    expect(text).toMatch(/^tollgate_billing_meter_events\{state="held"\} 0$/m);
  }, SOON);
}, 120_000);

it('answers those with the token alone, and names what is wrong with a question', async () => {
  expect((await ask('/v1/line-items', 'wrong-token-wrong-token')).status).toBe(401);
  expect((await ask('/v1/meter-events', 'wrong-token-wrong-token')).status).toBe(401);
  const wrong = async (query: string) => {
    const answer = await ask(`/v1/line-items?${query}`);
    const { error } = (await answer.json()) as { error: { code: string; param: string } };
    return [answer.status, error.code, error.param];
  };
  expect(await wrong('format=xlsx')).toEqual([422, 'invalid_field', 'format']);
  expect(await wrong('team=a')).toEqual([422, 'unknown_field', 'team']);
  expect(await wrong('from=2026-01-01T00:00:00Z&to=2020-01-01T00:00:00Z')).toEqual([
    422,
    'invalid_field',
    'from',
  ]);

  const from = new Date(Date.now() - 30 * 24 * HOUR_MS).toISOString();
  const answer = await ask(`/v1/line-items?format=ndjson&from=${from}`);
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
  const items = (await answer.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LineItem);
  const sum = items.reduce((total, item) => total + BigInt(item.tokens_total), 0n);
  expect(`${sum}`).toBe(billing.expected.tokens);
});

it('is worked on from the command line: a whole file or none, and lines of JSON', async () => {
  const run = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const settings = { env: { PATH: process.env['PATH'], DATABASE_URL: billing.database.url } };
      execFile(process.execPath, [OPERATE, ...args], settings, (error, out, err) =>
        resolve({ code: error ? (error.code as unknown as number) : 0, out, err }),
      );
    });
  expect(await run('nonsense')).toMatchObject({ code: 2, err: expect.stringContaining('meter-events') });
  const from = new Date(Date.now() - 30 * 24 * HOUR_MS).toISOString();
  const to = new Date().toISOString();
  for (const format of ['csv', 'parquet']) {
    const out = join(folder, `items.${format}`);
    const done = await run('export', '--from', from, '--to', to, '--format', format, '--out', out);
    expect(done).toMatchObject({ code: 0, err: expect.stringMatching(/(\d+) of \1 line items\n$/) });
    expect(JSON.parse(done.out).items).toBeGreaterThan(10);
    expect(readFileSync(out).subarray(0, 4).toString()).toBe(format === 'csv' ? 'hour' : 'PAR1');
  }
  const failed = await run('export', '--from', from, '--to', to, '--out', join(folder, 'no/where.csv'));
  expect(failed.code).toBe(1);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(await run('export', '--from', from)).toMatchObject({
    code: 1,
    err: expect.stringContaining('--out'),
  });
  // Of an hour that has just turned, one may be sent in between.
  await eventually(async () => {
    const { out } = await run('meter-events', '--state', 'sent', '--from', from);
    expect(out.trimEnd().split('\n')).toHaveLength(stripe.taken.size);
  });
  expect(await run('resolve', 'x', '--reason', 'y')).toMatchObject({
    code: 1,
    err: expect.stringContaining('as'),
  });
}, 60_000);
