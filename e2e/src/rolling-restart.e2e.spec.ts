import { eventually } from '@tollgate/testing/eventually';
import pg from 'pg';
import { SeveralOfEach } from './several-of-each.ts';
import { chat, fake } from './system.ts';

const CLIENTS = 4;
/** How long each service stays for its balancer, which looks ten times a second where the machine lets it. */
const LEAVE_MS = 2_000;

describe('every service is restarted in turn, under load', () => {
  let system: SeveralOfEach;
  let db: pg.Client;

  beforeAll(async () => {
    system = await SeveralOfEach.start('rolling', {
      copies: { gateway: 2, 'key-admin': 2, metering: 2, 'billing-export': 1 },
      env: { TOLLGATE_LEAVE_MS: String(LEAVE_MS) },
    });
    db = new pg.Client({ connectionString: system.databases.metering });
    await db.connect();
  }, 90_000);
  afterAll(async () => {
    await db?.end();
    await system?.stop();
  }, 60_000);

  it('without a request that fails, and without a record that is lost or counted twice', async () => {
    let stopped = false;
    const failures: string[] = [];
    const done = { requests: 0, streams: 0, adminCalls: 0, keys: 0 };
    const tried = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
      try {
        return await work();
      } catch (error) {
        failures.push(`${what}: ${(error as Error).message}`);
        return null;
      }
    };
    const { secret } = await system.admin.createKey({ limits: { tokens: 1_000_000_000 } });

    const client = async (own: number) => {
      const openai = system.client(secret);
      for (let n = own; !stopped; n += 1) {
        const streams = n % 3 > 0;
        // From at once to longer than a service stays for its balancer.
        const instruction = fake({
          completion_tokens: 20,
          chunk_delay_ms: (n * 17) % 90,
          delay_ms: (n * 31) % 200,
        });
        await tried('request', async () => {
          const answer = await openai.chat.completions.create({
            ...chat(`hello ${instruction}`),
            stream: streams,
          });
          if (Symbol.asyncIterator in answer) {
            let last: string | null | undefined;
            for await (const { choices } of answer) last = choices[0]?.finish_reason ?? last;
            if (last !== 'stop') throw new Error(`a stream ended with ${last}`);
            done.streams += 1;
          } else done.requests += 1;
        });
      }
    };
    const administrator = async () => {
      while (!stopped) {
        const made = await tried('create', () => system.admin.createKey());
        if (!made) continue;
        done.keys += 1;
        // A key works when its creation was answered, whoever is restarting.
        await tried('first use', () => system.client(made.secret).chat.completions.create(chat('first')));
        await tried('overview', () => system.admin.overview(made.key.id));
        await tried('revoke', () => system.admin.revoke(made.key.id));
        done.adminCalls += 3;
      }
    };
    const load = [...Array.from({ length: CLIENTS }, (_, own) => client(own)), administrator()];

    const tookMs: Record<string, number> = {};
    try {
      for (const instance of system.instances) {
        const served = (await system.provider.log()).length;
        await system.provider.log({ wait: served + 10 });
        const startedMs = performance.now();
        await system.stopOne(instance);
        await system.startAgain(instance);
        tookMs[instance.name] = Math.round(performance.now() - startedMs);
      }
    } finally {
      stopped = true;
      await Promise.all(load);
    }
    console.log('restarted, ms:', tookMs, 'served:', done, 'failed:', failures.length);
    expect(failures).toEqual([]);
    expect(done.streams).toBeGreaterThan(CLIENTS);

    const served = (await system.provider.log()).map(({ request_id }) => request_id!).sort();
    const counted = async () => {
      const { rows } = await db.query('select id, status from usage_ledger');
      return rows.map(({ id, status }) => [id, status]).sort();
    };
    await eventually(async () => expect(await counted()).toEqual(served.map((id) => [id, 'succeeded'])), {
      every_ms: 200,
    });
    expect(new Set(served).size).toBe(served.length);
  }, 480_000);
});
