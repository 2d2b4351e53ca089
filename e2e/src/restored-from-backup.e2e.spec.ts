import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabases } from '@tollgate/dev-stack/databases';
import { eventually } from '@tollgate/testing/eventually';
import pg from 'pg';
import { operate } from './operate.ts';
import { SeveralOfEach } from './several-of-each.ts';
import { chat, fake } from './system.ts';

const WAIT = { within_ms: 30_000, every_ms: 200 };
const COMMANDS = ['keys', 'metering', 'billing'] as const;
const OWNERS = ['key-admin', 'metering', 'billing-export'] as const;

describe('the databases are lost, and restored from a backup that was taken before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-backup-'));
  const fileOf = (command: string) => join(folder, `${command}.backup`);
  let system: SeveralOfEach;

  beforeAll(async () => {
    system = await SeveralOfEach.start('restored', {
      copies: { gateway: 1, 'key-admin': 1, metering: 1, 'billing-export': 1 },
    });
  }, 90_000);
  afterAll(async () => {
    await system?.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const ask = (token: string, tokens = 10) =>
    system.client(token).chat.completions.create(chat(`hello ${fake({ completion_tokens: tokens })}`));
  const statusOf = (token: string) =>
    ask(token).then(
      () => 200,
      (error: { status: number }) => error.status,
    );
  async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }
  const served = async () => (await system.provider.log()).map(({ request_id }) => request_id!).sort();
  const counted = async () => {
    const rows = await query<{ id: string }>(
      system.databases.metering,
      `select id from usage_ledger where kind = 'usage' order by id`,
    );
    return rows.map(({ id }) => id).sort();
  };
  const everything = async () => expect(await counted()).toEqual(await served());
  /** All that scopes have used, as metering and billing have it. */
  const totals = async () => ({
    metering: await query(
      system.databases.metering,
      'select scope_id, generation, period_id, cost, tokens, requests from totals order by 1, 2, 3',
    ),
    billing: await query(
      system.databases.billing,
      `select team_id, key_id, model, kind, requests, tokens_total, cost from billing.line_items
       order by hour, team_id, key_id, model, kind`,
    ),
  });
  /** Keys as administrators see them. */
  const keys = async () => {
    const { data } = await system.admin.client.keys.list({ query: { limit: 200, sort: 'name' } });
    return data.map(({ last_used_at: _, ...key }) => key);
  };

  it('they come to what they were, and more, though gateways and the topics had gone on', async () => {
    const { admin } = system;
    const changing = await admin.createKey({ name: 'changing', owner: 'ann', limits: { tokens: 1_000_000 } });
    const leaked = await admin.createKey({ name: 'leaked' });
    const idle = await admin.createKey({ name: 'idle' });
    for (const { secret } of [changing, leaked, changing]) await ask(secret);
    await eventually(everything, WAIT);

    const backups = await Promise.all(
      COMMANDS.map((command) =>
        operate<{ rows: Record<string, number> }>(system, command, 'backup', '--out', fileOf(command)),
      ),
    );
    expect(backups.map(({ rows }) => Object.values(rows).some((count) => count > 0))).toEqual([
      true,
      true,
      true,
    ]);

    // All of this is in no backup.
    const made = await admin.createKey({ name: 'made since', environment: 'production' });
    await admin.patch(changing.key.id, { limits: { tokens: 2_000_000, reset_period: 'daily' } });
    await admin.reset(changing.key.id, 'spec');
    // What only people read of a key is told with the change of it alone: an earlier one would stay as the backup has it.
    await admin.patch(changing.key.id, { owner: 'bea' });
    await admin.revoke(leaked.key.id);
    await admin.patch(idle.key.id, { name: 'renamed' });
    for (let n = 0; n < 20; n += 1) await ask(n % 2 ? made.secret : changing.secret);
    await eventually(everything, WAIT);
    const credit = ['credit', '--key', made.key.id, '--tokens', '5', '--reason', 'spec', '--id', 'once'];
    await operate(system, 'metering', ...credit);
    const billed = `select count(*)::int as n from billing.line_items where kind = 'adjustment'`;
    await eventually(
      async () => expect(await query(system.databases.billing, billed)).toEqual([{ n: 1 }]),
      WAIT,
    );
    const usageBilled = `select coalesce(sum(requests), 0)::int as n from billing.line_items where kind = 'usage'`;
    const n = (await counted()).length;
    await eventually(
      async () => expect(await query(system.databases.billing, usageBilled)).toEqual([{ n }]),
      WAIT,
    );
    const before = { totals: await totals(), keys: await keys() };

    for (const owner of OWNERS) await system.stopOne(system.of(owner)[0]!);
    await dropDatabases();
    // Gateways go on.
    for (let n = 0; n < 3; n += 1) expect(await statusOf(made.secret)).toBe(200);
    expect(await statusOf(leaked.secret)).toBe(401);

    await operate(system, 'keys', 'restore', fileOf('keys'));
    for (const command of COMMANDS) {
      const restored = await operate<{ rows: object }>(
        system,
        command,
        'restore',
        fileOf(command),
        '--apply',
      );
      expect(restored).toMatchObject({ applied: true, rows: backups[COMMANDS.indexOf(command)]!.rows });
    }
    await expect(operate(system, 'keys', 'restore', fileOf('keys'), '--apply')).rejects.toThrow('has rows');
    expect(await operate(system, 'keys', 'catch-up')).toMatchObject({ applied: false });
    const caughtUp = await operate<{ restored: string[] }>(system, 'keys', 'catch-up', '--apply');
    expect(caughtUp.restored.sort()).toEqual([changing, leaked, idle, made].map(({ key }) => key.id).sort());
    expect(await operate(system, 'metering', 'catch-up', '--apply')).toMatchObject({ corrections: 1 });
    await Promise.all(OWNERS.map((owner) => system.startAgain(system.of(owner)[0]!)));

    // What administrators and holders see is as it was.
    await eventually(everything, WAIT);
    expect(await keys()).toEqual(before.keys);
    expect(await statusOf(leaked.secret)).toBe(401);
    await ask(made.secret);
    await eventually(async () => {
      const now = await totals();
      const { requests, tokens } = await usedBy(made.key.id, now.metering);
      const then = await usedBy(made.key.id, before.totals.metering);
      expect([requests - then.requests, tokens > then.tokens]).toEqual([4, true]);
      // Its team and the organization have used more with it.
      const others = (all: object[]) => all.filter((row) => ofKeyBut(row, made.key.id));
      expect(others(now.metering)).toEqual(others(before.totals.metering));
      expect(others(now.billing)).toEqual(others(before.totals.billing));
    }, WAIT);

    // Changes go on where they were: the gateway takes them for later ones, and meters too.
    const used = (await admin.overview(made.key.id)).meter.tokens;
    const limited = await admin.patch(made.key.id, { limits: { tokens: used + 1 } });
    expect(limited.version).toBe(made.key.version + 1);
    await eventually(async () => expect((await admin.overview(made.key.id)).meter.tokens).toBe(used), WAIT);
    expect([await statusOf(made.secret), await statusOf(made.secret)]).toEqual([200, 429]);
    await eventually(
      async () => expect((await admin.overview(made.key.id)).meter.blocked).toEqual(['tokens']),
      WAIT,
    );
    // A gateway that starts now knows the same of all keys as one that was there.
    const [gateway] = system.of('gateway');
    await system.stopOne(gateway!);
    rmSync(join(system.stateDir, gateway!.name), { recursive: true });
    await system.startAgain(gateway!);
    expect([
      await statusOf(leaked.secret),
      await statusOf(made.secret),
      await statusOf(changing.secret),
    ]).toEqual([401, 429, 200]);

    expect(await operate(system, 'keys', 'verify')).toMatchObject({ broken: null });
    await eventually(everything, WAIT);
    expect(await operate(system, 'metering', 'rebuild')).toMatchObject({ equal: true });
    expect(await operate(system, 'metering', 'check')).toMatchObject({ violated: [] });
  }, 480_000);

  const ofKeyBut = (row: object, id: string) => {
    const { scope_id, key_id = scope_id } = row as { scope_id?: string; key_id?: string };
    return key_id?.startsWith('key_') && key_id !== id;
  };
  const usedBy = async (id: string, rows: object[]) => {
    const row = rows.find((one) => (one as { scope_id: string }).scope_id === id) as
      | { requests: string; tokens: string }
      | undefined;
    return { requests: Number(row?.requests), tokens: Number(row?.tokens) };
  };

  async function dropDatabases(): Promise<void> {
    const adminUrl = process.env['DATABASE_URL']!;
    const prefix = system.topicPrefix.replaceAll('-', '_');
    for (const url of Object.values(system.databases)) {
      await query(adminUrl, `drop database "${new URL(url).pathname.slice(1)}" with (force)`);
    }
    await createDatabases({ adminUrl, prefix, ...system.secrets });
  }
});
