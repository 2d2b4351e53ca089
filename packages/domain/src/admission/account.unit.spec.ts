import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Account, type PublishedMeter } from './account.ts';
import type { PendingRecord } from './pending-records.ts';

const MIDNIGHT = Date.UTC(2026, 10, 24);
const NOON = MIDNIGHT - 12 * 3_600_000;
const daily = { resetPeriod: 'daily', timezone: 'UTC' } as const;
const today = { id: '2026-11-23', startMs: MIDNIGHT - 86_400_000, endMs: MIDNIGHT };

const record = (tokens: number, overrides: Partial<PendingRecord> = {}): PendingRecord => ({
  admittedAtMs: NOON,
  generations: { key: 0, team: 0, organization: 0 },
  costPicodollars: BigInt(tokens) * 2n,
  tokens,
  partition: 0,
  offset: null,
  ...overrides,
});
const meter = (overrides: Partial<PublishedMeter>): PublishedMeter => ({
  sequence: 1,
  generation: 0,
  period: today,
  costPicodollars: 0n,
  tokens: 0,
  requests: 0,
  through: [],
  ...overrides,
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function place(account: Account, own: PendingRecord, offset: bigint): void {
  own.offset = offset;
  account.placed(own);
}

describe('what a gateway knows of a scope', () => {
  it('counts its own record from when it settles, and once when a meter includes it', () => {
    const account = new Account('key', NOON, 0, daily);
    const own = record(30);
    account.add(own);
    expect(account.usedAt(NOON)).toEqual({ tokens: 30, costPicodollars: 60n, requests: 1 });
    place(account, own, 7n);
    expect(account.usedAt(NOON).tokens).toBe(30);
    account.apply(meter({ tokens: 30, costPicodollars: 60n, requests: 1, through: [[0, 8n]] }), NOON);
    expect(account.usedAt(NOON)).toEqual({ tokens: 30, costPicodollars: 60n, requests: 1 });
    expect(account.pendingCount).toBe(0);
  });

  it('counts a record once when the meter is faster than the answer of the broker', () => {
    const account = new Account('key', NOON, 0, daily);
    const own = record(30);
    account.add(own);
    account.apply(meter({ tokens: 30, requests: 1, through: [[0, 8n]] }), NOON);
    place(account, own, 7n);
    expect(account.usedAt(NOON).tokens).toBe(30);
  });

  it('lets go of a record that a meter includes', async () => {
    const account = new Account('key', NOON, 0, daily);
    const count = () => {
      const own = record(30);
      account.add(own);
      place(account, own, 7n);
      return new WeakRef(own);
    };
    const own = count();
    account.apply(meter({ tokens: 30, requests: 1, through: [[0, 8n]] }), NOON);
    // What was made or looked at in this turn of the event loop is not collected before it ends.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(own.deref()).toBeUndefined();
    expect(account.usedAt(NOON).tokens).toBe(30);
  });

  it('keeps what a meter does not include yet', () => {
    const account = new Account('key', NOON, 0, daily);
    const [first, second] = [record(30), record(12)];
    for (const own of [first, second]) account.add(own);
    place(account, first, 7n);
    place(account, second, 8n);
    account.apply(meter({ tokens: 30, requests: 1, through: [[0, 8n]] }), NOON);
    expect(account.usedAt(NOON).tokens).toBe(42);
  });

  it('drops a meter that is older than the one it has', () => {
    const account = new Account('key', NOON, 0, daily);
    account.apply(meter({ sequence: 5, tokens: 50 }), NOON);
    account.apply(meter({ sequence: 4, tokens: 40 }), NOON);
    expect(account.usedAt(NOON).tokens).toBe(50);
  });

  it('is at zero from the instant the period ends, by its own clock', () => {
    const account = new Account('key', NOON, 0, daily);
    account.apply(meter({ tokens: 50 }), NOON);
    expect(account.usedAt(MIDNIGHT - 1).tokens).toBe(50);
    expect(account.usedAt(MIDNIGHT).tokens).toBe(0);
    expect(account.periodAt(MIDNIGHT).id).toBe('2026-11-24');
  });

  it('does not go back to an ended period when its last meter comes late', () => {
    const account = new Account('key', NOON, 0, daily);
    account.usedAt(MIDNIGHT + 5);
    account.apply(meter({ sequence: 9, tokens: 50 }), MIDNIGHT + 10);
    expect(account.usedAt(MIDNIGHT + 10).tokens).toBe(0);
  });

  it('counts a record in the period it was admitted in, however late it settles', () => {
    const account = new Account('key', NOON, 0, daily);
    account.usedAt(MIDNIGHT + 5);
    account.add(record(30, { admittedAtMs: MIDNIGHT - 1 }));
    account.add(record(4, { admittedAtMs: MIDNIGHT }));
    expect(account.usedAt(MIDNIGHT + 5).tokens).toBe(4);
  });

  it('starts at zero with a manual reset, and counts no record of the generation before', () => {
    const account = new Account('key', NOON, 0, daily);
    account.apply(meter({ tokens: 50 }), NOON);
    account.add(record(30));
    account.follow(NOON, 1, daily);
    expect(account.usedAt(NOON).tokens).toBe(0);
    account.add(record(3, { generations: { key: 1, team: 0, organization: 0 } }));
    account.apply(meter({ sequence: 2, generation: 0, tokens: 80 }), NOON);
    expect(account.usedAt(NOON).tokens).toBe(3);
  });

  it('counts every record exactly once in whatever order answers and meters arrive', () => {
    const step = fc.constantFrom('settle', 'answer', 'meter' as const);
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 200, maxLength: 200 }),
        (steps, sizes) => {
          const account = new Account('key', NOON, 0, daily);
          const settled: PendingRecord[] = [];
          let answered = 0;
          let metered = 0;
          let sequence = 0;
          for (const kind of steps) {
            if (kind === 'settle') {
              const own = record(sizes[settled.length]!);
              settled.push(own);
              account.add(own);
            } else if (kind === 'answer' && answered < settled.length) {
              place(account, settled[answered]!, BigInt(answered));
              answered += 1;
            } else if (kind === 'meter' && metered < answered) {
              metered = answered;
              const tokens = settled.slice(0, metered).reduce((sum, own) => sum + own.tokens, 0);
              sequence += 1;
              account.apply(
                meter({ sequence, tokens, requests: metered, through: [[0, BigInt(metered)]] }),
                NOON,
              );
            }
            const all = settled.reduce((sum, own) => sum + own.tokens, 0);
            expect(account.usedAt(NOON)).toMatchObject({ tokens: all, requests: settled.length });
            expect(account.pendingCount).toBe(settled.length - metered);
          }
        },
      ),
    );
  });

  it('counts every record exactly once though the topic is made anew, and has what was lost written again once', () => {
    const step = fc.constantFrom('settle', 'answer', 'meter', 'anew' as const);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const account = new Account('key', NOON, 0, daily);
        const settled: PendingRecord[] = [];
        /** Records that wait to be written, in their order, and those that the topic has. */
        let waiting: PendingRecord[] = [];
        let topic: PendingRecord[] = [];
        const counted = new Set<PendingRecord>();
        let sequence = 0;
        for (const kind of steps) {
          if (kind === 'settle') {
            const own: PendingRecord = record(settled.length + 1, {
              displaced: () => void waiting.push(own),
            });
            settled.push(own);
            waiting.push(own);
            account.add(own);
          } else if (kind === 'answer' && waiting.length > 0) {
            const [own, ...others] = waiting;
            waiting = others;
            topic.push(own!);
            place(account, own!, BigInt(topic.length - 1));
          } else if (kind === 'meter') {
            for (const own of topic) counted.add(own);
            const tokens = [...counted].reduce((sum, own) => sum + own.tokens, 0);
            const through = [[0, BigInt(topic.length)]] as const;
            account.apply(meter({ sequence: ++sequence, tokens, requests: counted.size, through }), NOON);
          } else if (kind === 'anew') {
            const lost = topic.filter((own) => !counted.has(own));
            topic = [];
            const before = waiting.length;
            account.startAnew();
            const again = waiting.slice(before);
            // And those that are counted but wait behind a lost one: written twice, a record is known by its id.
            expect(again).toEqual(expect.arrayContaining(lost));
            expect(new Set(again).size).toBe(again.length);
          }
          const all = settled.reduce((sum, own) => sum + own.tokens, 0);
          // A record that waits behind one that is written again leaves with it: never too little is counted.
          expect(account.usedAt(NOON).tokens).toBeGreaterThanOrEqual(all);
          if (waiting.length === 0 && kind === 'meter') expect(account.usedAt(NOON).tokens).toBe(all);
        }
      }),
    );
  });

  it('counts a reset of the team against the team alone', () => {
    const [key, team] = [new Account('key', NOON, 0, daily), new Account('team', NOON, 0, daily)];
    const own = record(30);
    for (const account of [key, team]) account.add(own);
    team.follow(NOON, 1, daily);
    expect([key.usedAt(NOON).tokens, team.usedAt(NOON).tokens]).toEqual([30, 0]);
    const after = record(4, { generations: { key: 0, team: 1, organization: 0 } });
    for (const account of [key, team]) account.add(after);
    expect([key.usedAt(NOON).tokens, team.usedAt(NOON).tokens]).toEqual([34, 4]);
  });

  it('counts every record of a team once, though it is in several partitions, in whatever order all arrives', () => {
    const step = fc.tuple(fc.constantFrom('settle', 'answer', 'meter' as const), fc.nat(2));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const account = new Account('team', NOON, 0, daily);
        const written: PendingRecord[][] = [[], [], []];
        const answered = [0, 0, 0];
        const metered = [0, 0, 0];
        let sequence = 0;
        for (const [kind, partition] of steps) {
          const own = written[partition]!;
          if (kind === 'settle') {
            own.push(record(own.length + 1, { partition }));
            account.add(own.at(-1)!);
          } else if (kind === 'answer' && answered[partition]! < own.length) {
            place(account, own[answered[partition]!]!, BigInt(answered[partition]!));
            answered[partition]! += 1;
          } else if (kind === 'meter') {
            // The records of a partition may be metered before the broker's answer has come.
            metered[partition] = own.length;
            const counted = written.flatMap((records, n) => records.slice(0, metered[n]));
            const tokens = counted.reduce((sum, one) => sum + one.tokens, 0);
            const through = metered.map((offset, n) => [n, BigInt(offset)] as const);
            account.apply(meter({ sequence: ++sequence, tokens, requests: counted.length, through }), NOON);
          }
          // What the meter has but the broker has not answered is counted twice until it does, never not at all.
          if (kind === 'meter') {
            for (const [n, records] of written.entries()) {
              for (; answered[n]! < metered[n]!; answered[n]! += 1)
                place(account, records[answered[n]!]!, BigInt(answered[n]!));
            }
          }
          const all = written.flat().reduce((sum, one) => sum + one.tokens, 0);
          expect(account.usedAt(NOON)).toMatchObject({ tokens: all, requests: written.flat().length });
        }
      }),
    );
  });
});
