import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { Client } from 'pg';
import { EVENT_KEY, RunningKeyAdmin } from './running-key-admin.ts';

const OPERATE = fileURLToPath(new URL('../dist/operate.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tollgate-moving-'));
const file = join(folder, 'team.json');
const pepper = (version: number, byte: number) => `${version}:${Buffer.alloc(32, byte).toString('hex')}`;

/** A deployment: a database, and the peppers that it has. */
interface Deployment {
  readonly database: TestDatabase;
  readonly peppers: string;
  readonly admin: RunningKeyAdmin;
}
async function deploy(label: string, peppers: string): Promise<Deployment> {
  const database = await createTestDatabase();
  const admin = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix: uniqueTopicPrefix(label),
    env: { TOLLGATE_KEY_PEPPERS: peppers },
  });
  return { database, peppers, admin };
}
let from: Deployment;
let to: Deployment;
let elsewhere: Deployment;

beforeAll(async () => {
  [from, to, elsewhere] = await Promise.all([
    deploy('moving-from', pepper(1, 2)),
    // The same pepper, which has another version here.
    deploy('moving-to', `${pepper(1, 9)},${pepper(7, 2)}`),
    deploy('moving-elsewhere', pepper(1, 9)),
  ]);
}, 90_000);
afterAll(async () => {
  for (const { admin, database } of [from, to, elsewhere]) {
    await admin.stop();
    await database.drop();
  }
  rmSync(folder, { recursive: true });
});

function operate(at: Deployment, ...args: string[]): Promise<{ code: number; answer: object; err: string }> {
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: at.database.url,
    TOLLGATE_KEY_PEPPERS: at.peppers,
    TOLLGATE_EVENT_KEYS: `1:${EVENT_KEY.toString('hex')}`,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [OPERATE, ...args], { env }, (error, out, err) =>
      resolve({
        code: error ? (error.code as unknown as number) : 0,
        answer: out ? JSON.parse(out) : {},
        err,
      }),
    );
  });
}
const secretsOf = async ({ database }: Deployment, id: string) => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query('select state from keys where id = $1', [id]);
  await client.end();
  return rows[0].state.secrets as { pepper: number; digest: string }[];
};

it('a team moves with its keys, whose secrets stay good where the pepper is the same', async () => {
  const { body: team } = await from.admin.call('POST', '/v1/teams', {
    name: 'Moving',
    limits: { tokens: 500 },
  });
  const { body: made } = await from.admin.call('POST', '/v1/keys', {
    ...{ name: 'search', team_id: team.id, owner: 'ann', limits: { cost_usd: '5' }, metadata: { a: 'b' } },
  });
  const { body: other } = await from.admin.call('POST', '/v1/keys', { name: 'gone', team_id: team.id });
  await from.admin.call('DELETE', `/v1/keys/${other.key.id}`);
  expect((await operate(from, 'export-team', team.id, '--out', file)).answer).toMatchObject({ keys: 1 });
  expect(readFileSync(file, 'utf8')).not.toContain(made.secret.slice(-40, -6));

  const tried = await operate(to, 'import-team', file);
  expect(tried.answer).toMatchObject({ keys: 1, unreadable: [], applied: false });
  expect((await to.admin.call('GET', `/v1/keys/${made.key.id}`)).status).toBe(404);
  expect((await operate(to, 'import-team', file, '--apply')).answer).toMatchObject({
    applied: true,
    secrets: {},
  });
  const { body: moved } = await to.admin.call('GET', `/v1/keys/${made.key.id}`);
  expect(moved).toMatchObject(made.key);
  expect((await to.admin.call('GET', `/v1/teams/${team.id}`)).body).toMatchObject({ limits: team.limits });
  const [before, after] = [await secretsOf(from, made.key.id), await secretsOf(to, made.key.id)];
  expect([before[0]!.pepper, after[0]!.pepper, after[0]!.digest]).toEqual([1, 7, before[0]!.digest]);

  // It goes on there as any key.
  const renamed = await to.admin.call('PATCH', `/v1/keys/${made.key.id}`, { name: 'moved' });
  expect([renamed.status, renamed.body.version]).toEqual([200, made.key.version + 1]);
  const again = await operate(to, 'import-team', file, '--apply');
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('is here already')]);
  expect((await operate(to, 'verify')).answer).toMatchObject({ broken: null });
});

it('without the pepper it is refused, unless new secrets are made', async () => {
  expect((await operate(elsewhere, 'import-team', file)).answer).toMatchObject({
    unreadable: [expect.any(String)],
  });
  const refused = await operate(elsewhere, 'import-team', file, '--apply');
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('--remint')]);
  const { answer } = await operate(elsewhere, 'import-team', file, '--apply', '--remint');
  const { secrets } = answer as { secrets: Record<string, string> };
  const [[id, token]] = Object.entries(secrets) as [[string, string]];
  expect(token).toMatch(new RegExp(`^tg_${id.slice(4)}_`));
  expect((await secretsOf(elsewhere, id)).map(({ pepper: version }) => version)).toEqual([1]);
});
