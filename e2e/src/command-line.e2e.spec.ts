import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@tollgate/testing/eventually';
import { System } from './system.ts';

const TOLLGATE = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tollgate-cli-'));
const manifest = join(folder, 'keys.yaml');
let system: System;
let env: Record<string, string>;

beforeAll(async () => {
  system = await System.start('command-line');
  env = {
    PATH: process.env['PATH']!,
    TOLLGATE_URL: system.urlOf('key-admin'),
    TOLLGATE_ADMIN_KEY: system.admin.adminKey,
    TOLLGATE_GATEWAY_URL: system.urlOf('gateway'),
    METERING_URL: system.urlOf('metering'),
    DATABASE_URL: process.env['DATABASE_URL']!,
    KAFKA_BROKERS: process.env['KAFKA_BROKERS']!,
    TOLLGATE_TOPIC_PREFIX: system.topicPrefix,
  };
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await system?.stop();
});

const tollgate = (args: string[], overrides: Record<string, string> = {}) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [TOLLGATE, ...args], { env: { ...env, ...overrides } }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
const listed = async () =>
  JSON.parse((await tollgate(['keys', 'list', '--json'])).out) as { name: string; status: string }[];
const apply = (...args: string[]) => tollgate(['apply', '-f', manifest, ...args]);

it('creates a key that works, shows what it used, and ends it', async () => {
  const created = await tollgate(['keys', 'create', '--name', 'by hand', '--tokens', '100000', '--json']);
  const { key, secret } = JSON.parse(created.out);
  expect(key.limits.tokens).toBe(100_000);
  const answer = await system.client(secret).chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'hello' }],
  });
  expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  expect((await tollgate(['keys', 'list', '--search', 'by hand'])).out).toContain(key.id);
  expect(JSON.parse((await tollgate(['keys', 'rotate', key.id, '--json'])).out).secret).not.toBe(secret);
  expect((await tollgate(['keys', 'revoke', key.id])).out).toContain('revoked');
  for (const scope of [key.id, 'team_default', 'organization']) {
    expect(await tollgate(['usage', scope, '--group-by', 'model'])).toMatchObject({ code: 0, err: '' });
    expect((await tollgate(['statement', scope])).out).toContain('Meter: ');
  }
  const team = JSON.parse(
    (await tollgate(['teams', 'create', '--name', 'By hand', '--tokens', '5', '--json'])).out,
  );
  expect((await tollgate(['teams', 'update', team.id, '--tokens', 'null'])).out).toMatch(/By hand +0 +– +– /);
  expect((await tollgate(['teams', 'list'])).out).toContain(team.id);
  expect((await tollgate(['teams', 'delete', team.id])).code).toBe(0);
  expect((await tollgate(['teams', 'list'])).out).not.toContain(team.id);
});

it('says in a sentence what is wrong, and what to do', async () => {
  const told = async (args: string[], overrides = {}) => {
    const { code, err } = await tollgate(args, overrides);
    return [code, err.trim().split('\n').length, err];
  };
  expect(await told(['keys', 'get', 'key_x'])).toEqual([1, 1, expect.stringContaining('GET /v1/keys')]);
  expect(await told(['keys', 'list'], { TOLLGATE_ADMIN_KEY: '' })).toEqual([
    1,
    1,
    expect.stringContaining('Set TOLLGATE_ADMIN_KEY'),
  ]);
  expect(await told(['keys', 'list'], { TOLLGATE_URL: 'http://127.0.0.1:9' })).toEqual([
    1,
    1,
    expect.stringContaining('see that key-admin runs'),
  ]);
  expect(await told(['usage', 'search'])).toEqual([1, 1, expect.stringContaining('"search" is no scope')]);
  expect(await told(['apply', '-f', join(folder, 'none.yaml')])).toEqual([
    1,
    1,
    expect.stringContaining('cannot be read'),
  ]);
});

describe('a file of keys', () => {
  const write = (text: string) => writeFileSync(manifest, text);

  it('is shown as a plan first, made once, changed where it changes, and shows each secret once', async () => {
    write(
      'managed_by: spec\nkeys:\n  - name: a\n    limits: { tokens: 5 }\n  - { name: b, owner: ann, enabled: false }\n',
    );
    const dry = await apply('--dry-run');
    expect(dry.out).toContain('2 to create, 0 to change, 0 to disable, 0 as they should be.');
    expect((await listed()).filter(({ status }) => status !== 'revoked')).toEqual([]);
    const made = await apply();
    expect([made.code, made.out.match(/secret of "[ab]", shown this once: tg_/g)?.length]).toEqual([0, 2]);
    expect((await listed()).map(({ name, status }) => [name, status])).toEqual(
      expect.arrayContaining([
        ['a', 'active'],
        ['b', 'disabled'],
      ]),
    );
    const again = await apply();
    expect(again.out.trim()).toBe('0 to create, 0 to change, 0 to disable, 2 as they should be.');
    write('managed_by: spec\nkeys:\n  - name: a\n    limits: { tokens: 6 }\n');
    const changed = await apply();
    expect(changed.out).toContain('limits.tokens: 5 → 6');
    expect(changed.out).not.toContain('tg_');
  });

  it('disables what it no longer names where it is told to', async () => {
    write('managed_by: spec\nkeys: []\n');
    expect((await apply()).out).toContain('0 to disable');
    expect((await apply('--prune')).out).toContain('- disable "a"');
    expect((await listed()).find(({ name }) => name === 'a')).toMatchObject({ status: 'disabled' });
    write('keys: []\n');
    expect(await apply('--prune')).toMatchObject({ code: 1, err: expect.stringContaining('managed_by') });
  });

  it('says which key could not be as it says, and how far it came', async () => {
    write('keys: [{ name: early }, { name: late, expires_at: 2020-01-01T00:00:00Z }]');
    const { code, out, err } = await apply('--json');
    expect([code, err.match(/secret of "early"/g)?.length]).toEqual([1, 1]);
    expect(err).toContain('+ create "late": ');
    expect(err).toContain('1 of 2 steps are done');
    expect(JSON.parse(out)).toHaveLength(2);
  });

  it('keeps secrets out of the terminal where it is told to, in a file of its owner', async () => {
    write('keys: [{ name: quiet }]');
    const secrets = join(folder, 'secrets');
    const { out } = await apply('--secrets-to', secrets);
    expect(out).not.toContain('tg_');
    expect(readFileSync(secrets, 'utf8')).toMatch(/^"quiet": tg_\w+_\w+\n$/);
    expect(statSync(secrets).mode & 0o777).toBe(0o600);
  });

  it('names a team that there is not', async () => {
    write('keys: [{ name: x, team: Nowhere }]');
    expect(await apply()).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no team "Nowhere"'),
    });
  });
});

describe('doctor', () => {
  it('finds nothing where all is well', async () => {
    // A gateway that was silent for five seconds is none that lives.
    await eventually(
      async () => {
        const { code, out } = await tollgate(['doctor']);
        expect([code, out.split('\n').filter((line) => line.startsWith('✗'))]).toEqual([0, []]);
        expect(out).toContain('gateways: 1 live, all up to date');
      },
      { within_ms: 60_000 },
    );
  });

  it.each([
    ['database', { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/x' }],
    ['broker', { KAFKA_BROKERS: '127.0.0.1:9' }],
    ['broker', { TOLLGATE_TOPIC_PREFIX: 'elsewhere' }],
    ['key-admin', { TOLLGATE_URL: 'http://127.0.0.1:9' }],
    ['metering', { METERING_URL: 'http://127.0.0.1:9' }],
    ['gateway', { TOLLGATE_GATEWAY_URL: 'http://127.0.0.1:9' }],
    ['admin key', { TOLLGATE_ADMIN_KEY: 'tga_wrong' }],
  ])('says that it is the %s, and ends with 1', async (name, overrides) => {
    const { code, out } = await tollgate(['doctor'], overrides);
    expect(code).toBe(1);
    expect(out).toContain(`✗ ${name}: `);
  });
});
