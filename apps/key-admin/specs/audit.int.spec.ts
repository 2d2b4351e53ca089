import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { auditPage } from '@tollgate/contracts/audit-http';
import { createLogger } from '@tollgate/service-kit/log';
import { outcomeOf } from '@tollgate/service-kit/progress';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import pg from 'pg';
import { verifyAuditLog } from '../src/audit/verify-audit-log.ts';
import { openDatabase } from '../src/database.ts';
import { ADMIN_ID, EVENT_KEY, RunningKeyAdmin } from './running-key-admin.ts';

const OPERATE = fileURLToPath(new URL('../dist/operate.js', import.meta.url));
let database: TestDatabase;
let admin: RunningKeyAdmin;
let db: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix: uniqueTopicPrefix('audit'),
    env: { METERING_URL: 'http://127.0.0.1:9', TOLLGATE_TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' },
  });
  db = new pg.Client({ connectionString: database.url });
  await db.connect();
});
afterAll(async () => {
  expect(await admin.stop()).toBe(0);
  await db.end();
  await database.drop();
});

let names = 0;
const createKey = async () =>
  (await admin.call('POST', '/v1/keys', { name: `key ${++names}`, owner: 'ann' })).body as {
    key: { id: string; name: string };
    secret: string;
  };
const log = async (query = '') => auditPage.parse((await admin.call('GET', `/v1/audit-log?${query}`)).body);

/** `npm run audit -- verify`, as an operator runs it. */
const verify = (eventKeys = `1:${EVENT_KEY.toString('hex')}`) =>
  new Promise<{ code: number; found: { entries: number; head: string; broken: unknown } }>((resolve) => {
    const env = { PATH: process.env['PATH'], DATABASE_URL: database.url, TOLLGATE_EVENT_KEYS: eventKeys };
    execFile(process.execPath, [OPERATE, 'verify'], { env }, (error, out) =>
      resolve({ code: error ? Number(error.code) : 0, found: JSON.parse(out) }),
    );
  });

it('tells of each change who made it, from where, and what was and became of it', async () => {
  const { key } = await createKey();
  await admin.call('PATCH', `/v1/keys/${key.id}`, { owner: 'bob', enabled: false, limits: { tokens: 5 } });
  await admin.call('POST', `/v1/keys/${key.id}/rotate`, {});
  await admin.call('POST', `/v1/keys/${key.id}/reset`, { reason: 'paid' });
  await admin.call('DELETE', `/v1/keys/${key.id}`);
  const { data } = await log(`target=${key.id}`);
  expect(data.map(({ action }) => action)).toEqual(
    ['revoked', 'reset', 'rotated', 'disabled', 'updated', 'created'].map((what) => `key.${what}`),
  );
  for (const entry of data) {
    expect(entry).toMatchObject({ actor: ADMIN_ID, address: '127.0.0.1', team_id: 'team_default' });
    expect(entry).toMatchObject({ actor_name: 'bootstrap', target_name: key.name });
  }
  expect(data[4]).toMatchObject({
    before: { owner: 'ann', limits: { tokens: null } },
    after: { owner: 'bob', limits: { tokens: 5 } },
  });
  expect(data[3]).toMatchObject({ before: { enabled: true }, after: { enabled: false } });
  expect(data[1]!.after).toEqual({ reason: 'paid' });
  expect(data[5]).toMatchObject({ before: null, after: { owner: 'ann' } });
});

it('tells of teams, the organization, admin keys and webhooks as well, and of no change where nothing changed', async () => {
  const { body: team } = await admin.call('POST', '/v1/teams', { name: 'audited' });
  await admin.call('PATCH', `/v1/teams/${team.id}`, { name: 'audited' });
  const { body: made } = await admin.call('POST', '/v1/admin-keys', {
    name: 'a',
    role: 'owner',
    team_id: team.id,
  });
  await admin.call('DELETE', `/v1/teams/${team.id}`);
  await admin.call('PATCH', '/v1/organization', {
    name: 'Acme',
    webhooks: [{ url: 'https://h.example/token-in-path' }],
  });
  const { data } = await log('limit=6');
  expect(data.map(({ target_name }) => target_name)).toEqual([
    'Acme',
    'h.example',
    'a',
    'audited',
    'a',
    'audited',
  ]);
  const actions = (await log('limit=200')).data.map(({ action, target }) => [action, target]);
  expect(actions.slice(0, 6)).toEqual([
    ['organization.updated', 'org_default'],
    ['webhook.created', expect.stringMatching(/^whk_/)],
    ['admin_key.revoked', made.admin_key.id],
    ['team.deleted', team.id],
    ['admin_key.created', made.admin_key.id],
    ['team.created', team.id],
  ]);
  expect((await log('actor=system')).data.map(({ action }) => action)).toEqual([
    'team.created',
    'organization.founded',
  ]);
});

it('has the caller’s own address where proxies that are trusted say it', async () => {
  const forwarded = { 'x-forwarded-for': '198.51.100.1, 203.0.113.7, 10.0.0.2' };
  await admin.call('POST', '/v1/teams', { name: 'from afar' }, forwarded);
  expect((await log('limit=1')).data[0]!.address).toBe('203.0.113.7');
});

it('is read page after page, filtered, and exported whole', async () => {
  const seen: number[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await log(`limit=3${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.data.map(({ sequence }) => sequence));
    cursor = page.next_cursor;
  }
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => seen.length - i));
  expect((await log('action=key.rotated')).data.every(({ action }) => action === 'key.rotated')).toBe(true);
  expect((await log(`from=${new Date(Date.now() + 60_000).toISOString()}`)).data).toEqual([]);
  const lines = (await admin.call('GET', '/v1/audit-log/export?format=ndjson')).body.trim().split('\n');
  expect(lines.map((line: string) => JSON.parse(line).sequence)).toEqual([...seen].reverse());
  const csv = (await admin.call('GET', '/v1/audit-log/export')).body as string;
  expect(csv.split('\n')[0]).toBe('sequence,at,actor,address,action,target,team_id,before,after,hash');
});

it('is one chain, however many change things at once, and knows when it is not as it was written', async () => {
  await Promise.all(Array.from({ length: 50 }, createKey));
  const { code, found } = await verify();
  expect([code, found.broken]).toEqual([0, null]);
  const reader = await openDatabase(database.url, createLogger('spec', 'silent'));
  /** The same without a process of its own. */
  const brokenAt = async () => {
    const { broken } = await outcomeOf(verifyAuditLog(reader, [{ version: 1, key: EVENT_KEY }]));
    return broken?.sequence;
  };
  expect((await verify(`1:${'00'.repeat(32)}`)).code).toBe(1);
  const tampered = async (change: string) => {
    await db.query('begin');
    await db.query('grant update, delete on audit_log to current_user');
    await db.query('alter table audit_log disable trigger audit_log_is_append_only');
    await db.query('create table kept as select * from audit_log');
    await db.query('create table kept_head as select * from audit_head');
    await db.query(change);
    await db.query('commit');
    const broken = await brokenAt();
    await db.query('begin');
    await db.query('delete from audit_log');
    await db.query('insert into audit_log select * from kept');
    await db.query('update audit_head set (sequence, hash) = (select sequence, hash from kept_head)');
    await db.query('drop table kept, kept_head');
    await db.query('alter table audit_log enable trigger audit_log_is_append_only');
    await db.query('revoke update, delete on audit_log from current_user');
    await db.query('commit');
    return broken;
  };
  expect(await tampered(`update audit_log set actor = 'adm_eve' where sequence = 5`)).toBe(5);
  expect(await tampered(`update audit_log set after = '{}' where sequence = 6`)).toBe(6);
  expect(await tampered('delete from audit_log where sequence = 7')).toBe(7);
  expect(await tampered('delete from audit_log where sequence > 9')).toBe(10);
  expect(
    await tampered(`insert into audit_log select ${found.entries + 1}, at, actor, address, action, target, team_id,
      before, after, hash, hash_key from audit_log where sequence = 1`),
  ).toBe(found.entries + 1);
  expect(await verify()).toEqual({ code: 0, found });
  await reader.destroy();
});

it('is verified while others write it, and neither waits', async () => {
  await db.query('begin');
  try {
    await db.query('update audit_head set sequence = sequence');
    const { code, found } = await verify();
    expect([code, found.broken]).toEqual([0, null]);
  } finally {
    await db.query('rollback');
  }
});

it('can be added to and read, and nothing else', async () => {
  for (const change of [
    'update audit_log set actor = actor',
    'delete from audit_log',
    'truncate audit_log',
  ]) {
    await expect(db.query(change)).rejects.toMatchObject({ code: '42501' });
  }
});

it('a secret is in no table of the database and in no line of the log', async () => {
  const { key, secret } = await createKey();
  const rotated = (await admin.call('POST', `/v1/keys/${key.id}/rotate`, {})).body.secret as string;
  const adminKey = (await admin.call('POST', '/v1/admin-keys', { name: 'canary', role: 'viewer' })).body
    .secret;
  await admin.as(adminKey)('GET', '/v1/me');
  const { rows } = await db.query(
    `select table_name from information_schema.tables where table_schema = 'public'`,
  );
  const dump = (
    await Promise.all(
      rows.map(({ table_name }) =>
        db.query(`select t::text as row from ${pg.escapeIdentifier(table_name)} t`),
      ),
    )
  ).flatMap((table) => table.rows.map(({ row }) => row as string));
  expect(dump.some((row) => row.includes(key.id))).toBe(true);
  for (const token of [secret, rotated, adminKey]) {
    const canary = token.split('_')[2]!.slice(0, 43);
    expect(dump.filter((row) => row.includes(canary))).toEqual([]);
    expect(admin.log.filter((line) => line.includes(canary))).toEqual([]);
  }
});
