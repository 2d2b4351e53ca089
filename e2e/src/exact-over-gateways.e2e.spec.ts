import type { LimitsInput } from '@tollgate/contracts/limits';
import { eventually } from '@tollgate/testing/eventually';
import pg from 'pg';
import { Fleet } from './fleet.ts';
import { Load, seeded } from './load.ts';
import { System } from './system.ts';

const GATEWAYS = 4;
const CLIENTS = 200;
const RUNS = Number(process.env['TOLLGATE_SPEC_EXACT_RUNS'] ?? 1);
const SEED = Number(process.env['TOLLGATE_SPEC_EXACT_SEED'] ?? Math.floor(Math.random() * 1e9));
/** A window turns over only after a minute: of many runs, every fifth goes on for that long. */
const TURNS_OVER_MS = 75_000;
const TURNS_OVER_EVERY = 5;
const WINDOW_MS = 60_000;
const USED_UP_WITHIN = { within_ms: 60_000, every_ms: 200 };
const COUNTED_WITHIN = { within_ms: 30_000, every_ms: 100 };
/** Of gpt-4o-mini, in picodollars per token. */
const PRICE = { input: 150_000n, output: 600_000n };

/** What the provider has generated, by its own log. */
interface Served {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}
const tokensOf = (served: readonly Served[]) =>
  served.reduce((sum, { prompt_tokens, completion_tokens }) => sum + prompt_tokens + completion_tokens, 0);
const costOf = (served: readonly Served[]) =>
  served.reduce(
    (sum, { prompt_tokens, completion_tokens }) =>
      sum + BigInt(prompt_tokens) * PRICE.input + BigInt(completion_tokens) * PRICE.output,
    0n,
  );
const between = (random: () => number, least: number, most: number) =>
  least + Math.floor(random() * (most - least + 1));

/** The most stamps in any (t − 60 s, t]. */
function mostInWindow(stamps: readonly number[]): number {
  const sorted = [...stamps].sort((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [index, stamp] of sorted.entries()) {
    while (sorted[first]! <= stamp - WINDOW_MS) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

describe(`over ${GATEWAYS} gateways, ${CLIENTS} clients at random, and a kill -9 of one in the middle`, () => {
  let system: System;
  let fleet: Fleet;
  let db: pg.Client;

  beforeAll(async () => {
    system = await System.start('exact');
    fleet = await Fleet.start(system, GATEWAYS - 1);
    db = new pg.Client({ connectionString: system.meteringDatabaseUrl });
    await db.connect();
  }, 120_000);
  afterAll(async () => {
    await db?.end();
    await fleet?.stop();
    await system?.stop();
  });

  /** Uses a key up while a gateway is killed and started again; what the provider generated for it. */
  async function useUp(limits: LimitsInput, random: () => number, killAfter: number, minMs: number) {
    const { key, secret } = await system.admin.createKey({ limits });
    const beganMs = performance.now();
    system.provider.clearLog();
    const load = new Load(() => [system.gatewayUrl, ...fleet.urls], secret, random, CLIENTS);
    try {
      const victim = between(random, 0, GATEWAYS - 2);
      await system.provider.log({ wait: killAfter, timeout_ms: USED_UP_WITHIN.within_ms });
      await fleet.kill(victim);
      await fleet.startAgain(victim);
      await eventually(
        async () => {
          const { meter } = await system.admin.overview(key.id);
          const used = [
            limits.cost_usd ? Number(meter.cost_usd) / Number(limits.cost_usd) : 0,
            limits.tokens ? meter.tokens / limits.tokens : 0,
            limits.requests_per_minute ? meter.requests / limits.requests_per_minute : 0,
          ];
          // What is left is too little for whole requests, or a slot of the window that each gateway keeps.
          expect(Math.max(...used)).toBeGreaterThan(0.9);
          expect(performance.now() - beganMs).toBeGreaterThan(minMs);
        },
        { ...USED_UP_WITHIN, within_ms: USED_UP_WITHIN.within_ms + minMs },
      );
    } finally {
      await load.stop();
    }
    await eventually(
      async () => expect(await system.provider.log({ state: 'in_flight' })).toEqual([]),
      COUNTED_WITHIN,
    );
    const served = await system.provider.log();
    return { keyId: key.id, served, answers: Object.fromEntries(load.answers) };
  }

  const report = (what: string, figures: object) => console.log(`${what}: ${JSON.stringify(figures)}`);

  for (let run = 1; run <= RUNS; run += 1) {
    const seed = SEED + run;
    const random = seeded(seed);

    it(`no more tokens are used than the limit says (seed ${seed})`, async () => {
      const limit = between(random, 40_000, 120_000);
      const limits = { tokens: limit, enforcement: 'hard' as const };
      const { keyId, served, answers } = await useUp(limits, random, between(random, 50, 500), 0);
      const { meter } = await system.admin.overview(keyId);
      report('tokens', { limit, generated: tokensOf(served), metered: meter.tokens, answers });
      expect(tokensOf(served)).toBeLessThanOrEqual(limit);
      expect(meter.tokens).toBeLessThanOrEqual(limit);
    }, 180_000);

    it(`no more is spent than the limit says (seed ${seed})`, async () => {
      const limit = between(random, 20, 60) / 1_000;
      const limits = { cost_usd: String(limit), enforcement: 'hard' as const };
      const { keyId, served, answers } = await useUp(limits, random, between(random, 50, 500), 0);
      const { meter } = await system.admin.overview(keyId);
      const generated = Number(costOf(served)) / 1e12;
      report('cost', { limit, generated, metered: meter.cost_usd, answers });
      expect(generated).toBeLessThanOrEqual(limit);
      expect(Number(meter.cost_usd)).toBeLessThanOrEqual(limit);
    }, 180_000);

    it(`no window of 60 s has more admissions than the limit says (seed ${seed})`, async () => {
      const limit = between(random, 200, 500);
      const limits = {
        requests_per_minute: limit,
        enforcement: random() < 0.5 ? ('hard' as const) : ('soft' as const),
      };
      const minMs = run % TURNS_OVER_EVERY === 0 ? TURNS_OVER_MS : 0;
      const { keyId, served, answers } = await useUp(limits, random, between(random, 20, limit / 2), minMs);
      const stamps = async () => {
        const { rows } = await db.query('select admitted_at from usage_ledger where key_id = $1', [keyId]);
        return rows.map(({ admitted_at }) => (admitted_at as Date).getTime());
      };
      // An attempt that was killed between the log and the wire has a stamp, and the provider knows nothing of it.
      await eventually(
        async () => expect((await stamps()).length).toBeGreaterThanOrEqual(served.length),
        COUNTED_WITHIN,
      );
      const most = mostInWindow(await stamps());
      report('requests', { limit, most, admitted: (await stamps()).length, answers });
      expect(most).toBeLessThanOrEqual(limit);
    }, 240_000);
  }
});
