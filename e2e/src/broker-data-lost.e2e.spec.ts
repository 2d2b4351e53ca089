import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyWithSecret } from '@tollgate/contracts/admin-http';
import type { OwnKey } from '@tollgate/contracts/gateway-http';
import { type RunningKafka, startKafka } from '@tollgate/dev-stack/kafka';
import { freePort } from '@tollgate/dev-stack/ports';
import { eventually } from '@tollgate/testing/eventually';
import pg from 'pg';
import { operate } from './operate.ts';
import { type Instance, SeveralOfEach } from './several-of-each.ts';
import { chat, fake } from './system.ts';

const WAIT = { within_ms: 30_000, every_ms: 200 };

describe('the broker has lost all of its data', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tollgate-lost-'));
  let place: { dataDir: string; port: number; controllerPort: number; log: () => void };
  let broker: RunningKafka;
  let system: SeveralOfEach;
  let metering: pg.Client;
  let billing: pg.Client;

  beforeAll(async () => {
    place = { dataDir, port: await freePort(), controllerPort: await freePort(), log: () => undefined };
    broker = await startKafka(place);
    system = await SeveralOfEach.start('lost', {
      copies: { gateway: 2, 'key-admin': 1, metering: 1, 'billing-export': 1 },
      brokers: broker.brokers,
    });
    [metering, billing] = [system.databases.metering, system.databases.billing].map(
      (connectionString) => new pg.Client({ connectionString }),
    ) as [pg.Client, pg.Client];
    await Promise.all([metering.connect(), billing.connect()]);
  }, 120_000);
  afterAll(async () => {
    await metering?.end();
    await billing?.end();
    await system?.stop();
    await broker?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }, 90_000);

  const ask = (token: string, url: string) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(chat(`hello ${fake({ completion_tokens: 10 })}`)),
    });
  /** What a gateway answers a key, and what it says the key has used. Asked of keys that are let in, it costs nothing. */
  const standing = async ({ process }: Instance, { secret }: KeyWithSecret, letIn: boolean) => {
    const answer = letIn ? null : await ask(secret, process!.url);
    const code = answer && ((await answer.json()) as { error: { code: string } }).error.code;
    const own = await fetch(`${process!.url}/v1/key`, { headers: { authorization: `Bearer ${secret}` } });
    const meter = own.ok ? ((await own.json()) as OwnKey).meter : null;
    return { status: answer?.status, code, used: meter && [meter.requests, meter.tokens, meter.cost_usd] };
  };
  const servedIds = async () => (await system.provider.log()).map(({ request_id }) => request_id!).sort();
  const countedIds = async () => {
    const { rows } = await metering.query('select id from usage_ledger');
    return rows.map(({ id }) => id as string).sort();
  };
  const everything = async () => expect(await countedIds()).toEqual(await servedIds());

  it('the topics are made anew from the databases, gateways serve as before, and nothing is lost or counted twice', async () => {
    const { admin } = system;
    const team = await admin.client.teams.create({ body: { name: 'Lost', limits: { tokens: 1_000_000 } } });
    const free = await admin.createKey({ team_id: team.id, limits: { tokens: 500_000 } });
    const spent = await admin.createKey({ limits: { tokens: 10 } });
    const [revoked, disabled] = [await admin.createKey(), await admin.createKey()];
    await admin.revoke(revoked.key.id);
    await admin.patch(disabled.key.id, { enabled: false });
    const [first, second] = system.of('gateway') as [Instance, Instance];
    for (const gateway of [first, second]) {
      for (let n = 0; n < 10; n += 1) expect((await ask(free.secret, gateway.process!.url)).status).toBe(200);
    }
    await ask(spent.secret, first.process!.url);
    await eventually(everything, WAIT);

    // On the topic, and counted by nobody when it is lost.
    for (const service of ['metering', 'billing-export'] as const)
      await system.stopOne(system.of(service)[0]!);
    for (let n = 0; n < 7; n += 1) expect((await ask(free.secret, first.process!.url)).status).toBe(200);
    const all = [free, spent, revoked, disabled];
    const standings = (gateway: Instance) =>
      Promise.all(all.map((key) => standing(gateway, key, key === free)));
    const before = await standings(first);
    expect(before).toMatchObject([
      { used: [expect.any(Number), expect.anything(), expect.anything()] },
      { status: 429, code: 'token_limit_reached' },
      { status: 401, code: 'invalid_api_key' },
      { status: 403, code: 'key_disabled' },
    ]);

    // Its own, with what the other's came to where metering has told it by then.
    expect([17, 27]).toContain(before[0]!.used![0]);

    await system.stopOne(system.of('key-admin')[0]!);
    await broker.kill();
    rmSync(dataDir, { recursive: true });
    // Whoever calls notices nothing.
    for (let n = 0; n < 3; n += 1) expect((await ask(free.secret, second.process!.url)).status).toBe(200);

    broker = await startKafka(place);
    expect(await operate(system, 'keys', 'reanchor')).toMatchObject({ applied: false, keys: 4, teams: 2 });
    expect(await operate(system, 'metering', 'reanchor')).toMatchObject({ applied: false });
    const reanchored = await Promise.all(
      (['keys', 'metering', 'billing'] as const).map((command) =>
        operate<{ applied: boolean }>(system, command, 'reanchor', '--apply'),
      ),
    );
    expect(reanchored.map(({ applied }) => applied)).toEqual([true, true, true]);
    const started = performance.now();
    await Promise.all(
      (['key-admin', 'metering', 'billing-export'] as const).map((service) =>
        system.startAgain(system.of(service)[0]!),
      ),
    );
    await eventually(everything, WAIT);
    console.log('caught up after', Math.round(performance.now() - started), 'ms');

    // Gateways that ran through it all agree with the ledger again, and say what they said before.
    const counts = async (key: KeyWithSecret) => (await admin.overview(key.key.id)).meter;
    const meter = await counts(free);
    expect(meter.requests).toBe(10 + 10 + 7 + 3);
    const after = [
      { ...before[0]!, used: [meter.requests, meter.tokens, meter.cost_usd] },
      ...before.slice(1),
    ];
    for (const gateway of [first, second]) {
      await eventually(async () => expect(await standing(gateway, free, true)).toEqual(after[0]), WAIT);
      expect(await standings(gateway)).toEqual(after);
    }
    // So does one that knows nothing but the new topics.
    await system.stopOne(second);
    rmSync(join(system.stateDir, second.name), { recursive: true });
    await system.startAgain(second);
    expect(await standings(second)).toEqual(after);

    // Limits go on to hold, at every gateway.
    await admin.patch(free.key.id, { limits: { tokens: meter.tokens } });
    for (const gateway of [first, second])
      expect((await ask(free.secret, gateway.process!.url)).status).toBe(429);

    // Billing had not read all of it either, and metering can tell it what it counted long ago.
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const resent = await operate<{ usage: number }>(system, 'metering', 'resend', '--from', from, '--apply');
    expect(resent.usage).toBe((await servedIds()).length);
    const billed = async () => {
      const { rows } = await billing.query(
        'select coalesce(sum(requests), 0)::int as requests from billing.line_items',
      );
      return rows[0].requests;
    };
    await eventually(async () => expect(await billed()).toBe(resent.usage), WAIT);
    await eventually(everything, WAIT);
    expect(await operate(system, 'metering', 'rebuild')).toMatchObject({ equal: true });
    expect(await operate(system, 'metering', 'check')).toMatchObject({ violated: [] });
  }, 480_000);
});
