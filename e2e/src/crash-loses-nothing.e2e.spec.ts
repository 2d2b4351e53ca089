import type { TokenCounts } from '@tollgate/contracts/events';
import { eventually } from '@tollgate/testing/eventually';
import pg from 'pg';
import { chat, fake, System } from './system.ts';

const CRASHES = 20;
const CLIENTS = 8;

interface LedgerRow {
  readonly id: string;
  readonly status: string;
  readonly quality: string;
  readonly tokens: number;
}

describe('a gateway that is killed while it streams', () => {
  let system: System;
  let db: pg.Client;

  beforeAll(async () => {
    system = await System.start('crash');
    db = new pg.Client({ connectionString: system.meteringDatabaseUrl });
    await db.connect();
  });
  afterAll(async () => {
    await db?.end();
    await system?.stop();
  });

  const ledger = async (keyId: string): Promise<LedgerRow[]> => {
    const { rows } = await db.query(
      `select id, status, quality, tokens_total::int as tokens from usage_ledger where key_id = $1`,
      [keyId],
    );
    return rows;
  };

  it(`loses no attempt and counts none twice, over ${CRASHES} kills`, async () => {
    const { key, secret } = await system.admin.createKey();
    let stopped = false;
    /** Resolved while the gateway runs. */
    let up: Promise<void> = Promise.resolve();
    const client = async () => {
      for (let n = 0; !stopped; n += 1) {
        await up;
        const instruction = fake({ completion_tokens: 5 + (n % 40), chunk_delay_ms: n % 4 });
        try {
          const stream = await system
            .client(secret)
            .chat.completions.create({ ...chat(`hello ${instruction}`), stream: n % 3 > 0 });
          if (Symbol.asyncIterator in stream) for await (const _ of stream);
        } catch {
          // The connection broke with the gateway.
        }
      }
    };
    const clients = Array.from({ length: CLIENTS }, client);

    let started = () => {};
    try {
      for (let crash = 0; crash < CRASHES; crash += 1) {
        // Some more requests under way, and the kill at whatever they have come to then.
        const before = (await system.provider.log({ state: 'ended' })).length;
        await system.provider.log({ state: 'ended', wait: before + 5 + ((crash * 7) % 23) });
        up = new Promise((resolve) => {
          started = resolve;
        });
        await system.kill('gateway');
        await system.startAgain('gateway');
        started();
      }
    } finally {
      stopped = true;
      started();
      await Promise.all(clients);
    }

    const served = await system.provider.log({ state: 'ended' });
    const ids = served.map(({ request_id }) => request_id!).sort();
    expect(new Set(ids).size).toBe(ids.length);
    const idsOf = (rows: LedgerRow[]) => rows.map(({ id }) => id).sort();
    let rows: LedgerRow[] = [];
    // What the key is charged is the ledger. The gateway is ready before it has settled all that its log holds.
    await eventually(
      async () => {
        rows = await ledger(key.id);
        expect(idsOf(rows)).toEqual(expect.arrayContaining(ids));
        const total = rows.reduce((sum, { tokens }) => sum + tokens, 0);
        expect((await system.admin.overview(key.id)).meter.tokens).toBe(total);
      },
      { within_ms: 60_000, every_ms: 200 },
    );
    const orphans = rows.filter(({ status }) => status === 'orphaned');
    const phantoms = idsOf(rows).filter((id) => !ids.includes(id));
    console.log(
      `${served.length} attempts over ${CRASHES} kills: ${orphans.length} orphans settled, ${phantoms.length} phantoms`,
    );
    expect(new Set(idsOf(rows)).size).toBe(rows.length);
    // An admission is in the log a moment before its request is on the wire: a kill in that moment is rare.
    expect(phantoms.length).toBeLessThanOrEqual(CRASHES / 5);
    expect(orphans.map(({ id }) => id)).toEqual(expect.arrayContaining(phantoms));
    expect(orphans.length).toBeGreaterThan(0);
    const counted = new Map(rows.map((row) => [row.id, row]));
    for (const { request_id, reported_tokens, outcome } of served) {
      const row = counted.get(request_id!)!;
      if (row.quality === 'exact' && outcome === 'served')
        expect([request_id, row.tokens]).toEqual([request_id, (reported_tokens as TokenCounts).total]);
    }
  }, 300_000);
});
