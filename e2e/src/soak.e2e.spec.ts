import type { TokenCounts } from '@tollgate/contracts/events';
import { eventually } from '@tollgate/testing/eventually';
import { PROBE_PRELOAD_ARGS } from '@tollgate/testing/probe';
import pg from 'pg';
import { operate } from './operate.ts';
import { SeveralOfEach } from './several-of-each.ts';
import { Load } from './soak/load.ts';
import { Watch } from './soak/watch.ts';

/** `npm run soak` runs it for half an hour; as one spec among others it is as short as it can be. */
const SECONDS = Number(process.env['TOLLGATE_SOAK_SECONDS'] ?? 20);
const SAMPLES = 60;
const LEAST_SAMPLE_MS = 1_000;
/** Something is killed about so often, and twice at the least. */
const KILL_EVERY_MS = Math.min(30_000, (SECONDS * 1_000) / 3);
/** In turn; the others are spared, and watched. */
const VICTIMS = ['gateway-1', 'metering-1'];
const SPARED = ['gateway-0', 'metering-0', 'key-admin-0', 'billing-export-0'];
const MOST_REQUESTS_A_SECOND = 500;

describe(`under mixed load and kills for ${SECONDS} s`, () => {
  let system: SeveralOfEach;
  let metering: pg.Client;
  let billing: pg.Client;

  beforeAll(async () => {
    system = await SeveralOfEach.start('soak', {
      copies: { gateway: 2, 'key-admin': 1, metering: 2, 'billing-export': 1 },
      nodeArgs: PROBE_PRELOAD_ARGS,
      providerLog: Math.max(100_000, SECONDS * MOST_REQUESTS_A_SECOND),
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
  }, 90_000);

  it(
    'nothing is lost, counted twice or made up, and memory, handles and lag stay flat',
    async () => {
      const load = new Load(system);
      const watch = new Watch(system, SPARED);
      await load.start();
      watch.start(Math.max(LEAST_SAMPLE_MS, (SECONDS * 1_000) / SAMPLES));
      const endMs = performance.now() + SECONDS * 1_000;
      let kills = 0;
      try {
        while (performance.now() + KILL_EVERY_MS < endMs) {
          await new Promise((resolve) => setTimeout(resolve, KILL_EVERY_MS));
          const victim = system.instances.find(({ name }) => name === VICTIMS[kills % VICTIMS.length])!;
          await system.kill(victim);
          await system.startAgain(victim);
          kills += 1;
        }
      } finally {
        await watch.stop();
        await load.stop();
      }

      // Who left amid a stream is served to its end.
      await eventually(async () => expect(await system.provider.log({ state: 'in_flight' })).toEqual([]), {
        within_ms: 60_000,
        every_ms: 100,
      });
      const served = await system.provider.log();
      const ids = served.map(({ request_id }) => request_id!);
      const ledger = async () => {
        const { rows } = await metering.query(
          `select id, status, quality, tokens_total::int as tokens from usage_ledger where kind = 'usage'`,
        );
        return rows as { id: string; status: string; quality: string; tokens: number }[];
      };
      await eventually(
        async () => {
          const counted = new Set((await ledger()).map(({ id }) => id));
          expect(ids.filter((id) => !counted.has(id))).toEqual([]);
        },
        { within_ms: 60_000, every_ms: 500 },
      );
      const rows = await ledger();
      const known = new Set(ids);
      const byId = new Map(rows.map((row) => [row.id, row]));
      const madeUp = rows.filter(({ id }) => !known.has(id));
      const differing = served.filter(({ request_id, outcome, reported_tokens }) => {
        const row = byId.get(request_id!)!;
        const reported = reported_tokens as TokenCounts | null;
        return row.quality === 'exact' && outcome === 'served' && reported && row.tokens !== reported.total;
      });
      const verdicts = watch.verdicts();
      console.log({ kills, ...load.counts, served: ids.length });
      console.table(verdicts);

      expect(new Set(ids).size).toBe(ids.length);
      expect(byId.size).toBe(rows.length);
      // An admission is in the log a moment before its request is on the wire: a kill in that moment is rare.
      expect(madeUp.filter(({ status }) => status !== 'orphaned')).toEqual([]);
      expect(madeUp.length).toBeLessThanOrEqual(Math.max(1, kills / 5));
      expect(differing).toEqual([]);
      for (const count of Object.values({ ...load.counts, failedAdminCalls: 1, broken: 1 }))
        expect(count).toBeGreaterThan(0);
      await eventually(
        async () => {
          const { rows: billed } = await billing.query(
            'select coalesce(sum(requests), 0)::int as requests from billing.line_items',
          );
          expect(billed[0].requests).toBe((await ledger()).length);
        },
        { within_ms: 60_000, every_ms: 500 },
      );
      expect(await operate(system, 'metering', 'rebuild')).toMatchObject({ equal: true });
      expect(await operate(system, 'metering', 'check')).toMatchObject({ violated: [] });
      expect(await operate(system, 'keys', 'verify')).toMatchObject({ broken: null });
      expect(verdicts.filter(({ flat }) => !flat)).toEqual([]);
    },
    SECONDS * 1_000 + 240_000,
  );
});
