import type { KeyWithSecret } from '@tollgate/contracts/admin-http';
import type { OwnKey } from '@tollgate/contracts/gateway-http';
import { eventually } from '@tollgate/testing/eventually';
import pg from 'pg';
import { operate } from './operate.ts';
import { type Instance, SeveralOfEach } from './several-of-each.ts';
import { chat, fake } from './system.ts';

const WAIT = { within_ms: 30_000, every_ms: 200 };
/** Enough that some stay in their partition, and some move. */
const KEYS = 16;

describe('the usage topic is given twice as many partitions', () => {
  let system: SeveralOfEach;
  let db: pg.Client;

  beforeAll(async () => {
    system = await SeveralOfEach.start('partitions', {
      copies: { gateway: 2, 'key-admin': 1, metering: 1, 'billing-export': 0 },
    });
    db = new pg.Client({ connectionString: system.databases.metering });
    await db.connect();
  }, 90_000);
  afterAll(async () => {
    await db?.end();
    await system?.stop();
  }, 60_000);

  const ask = async ({ secret }: KeyWithSecret, gateway: Instance) => {
    const answer = await fetch(`${gateway.process!.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(chat(`hello ${fake({ completion_tokens: 10 })}`)),
    });
    expect(answer.status).toBe(200);
  };
  const usedAt = async (gateway: Instance, { secret }: KeyWithSecret) => {
    const headers = { authorization: `Bearer ${secret}` };
    const answer = await fetch(`${gateway.process!.url}/v1/key`, { headers });
    return ((await answer.json()) as OwnKey).meter.requests;
  };
  /** Attempts that a gateway has not seen counted. */
  const pendingAt = async ({ process }: Instance) => {
    const text = await (await fetch(`${process!.url}/metrics`)).text();
    return Number(/^tollgate_write_ahead_log_attempts (\S+)$/m.exec(text)![1]);
  };

  it('keys move to other partitions under way, and every gateway counts each of their requests once', async () => {
    const [first, second] = system.of('gateway') as [Instance, Instance];
    const [metering] = system.of('metering') as [Instance];
    const keys: KeyWithSecret[] = [];
    for (let n = 0; n < KEYS; n += 1)
      keys.push(await system.admin.createKey({ limits: { tokens: 1_000_000 } }));
    const askAll = async () => {
      for (const key of keys) for (const gateway of [first, second]) await ask(key, gateway);
    };
    await askAll();
    await eventually(async () => expect(await pendingAt(first)).toBe(0), WAIT);

    // On the topic, in the partitions of before, and counted by nobody when the gateways start again.
    await system.stopOne(metering);
    await askAll();
    const more = ['repartition', '--partitions', '24'];
    expect(await operate(system, 'metering', ...more)).toEqual({ before: 12, after: 24, applied: false });
    expect(await operate(system, 'metering', ...more, '--apply')).toEqual({
      before: 12,
      after: 24,
      applied: true,
    });
    await system.stopOne(first);
    await system.startAgain(first);
    // One gateway by the former partitions, one by the new.
    await askAll();
    await system.startAgain(metering);
    await system.stopOne(second);
    await system.startAgain(second);
    await askAll();

    for (const gateway of [first, second]) {
      await eventually(async () => {
        expect(await Promise.all(keys.map((key) => usedAt(gateway, key)))).toEqual(keys.map(() => 8));
        expect(await pendingAt(gateway)).toBe(0);
      }, WAIT);
    }
    const { rows } = await db.query(
      'select count(*)::int as n, count(distinct id)::int as ids from usage_ledger',
    );
    expect(rows).toEqual([{ n: KEYS * 8, ids: KEYS * 8 }]);
    const { rows: read } = await db.query('select partition from usage_offsets where partition >= 12');
    expect(read.length).toBeGreaterThan(0);
    await expect(operate(system, 'metering', 'repartition', '--partitions', '6', '--apply')).rejects.toThrow(
      'can only be given more',
    );
  }, 480_000);
});
