import fc from 'fast-check';
import { Account, type PublishedMeter } from './account.ts';
import type { PendingRecord } from './pending-records.ts';

const MIDNIGHT = Date.UTC(2026, 10, 24);
const NOON = MIDNIGHT - 12 * 3_600_000;
const daily = { resetPeriod: 'daily', timezone: 'UTC' } as const;
const today = { id: '2026-11-23', startMs: MIDNIGHT - 86_400_000, endMs: MIDNIGHT };

const record = (tokens: number, overrides: Partial<PendingRecord> = {}): PendingRecord => ({
  admittedAtMs: NOON,
  generation: 0,
  costPicodollars: BigInt(tokens) * 2n,
  tokens,
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
  through: null,
  ...overrides,
});

describe('what a gateway knows of a scope', () => {
  it('counts its own record from when it settles, and once when a meter includes it', () => {
    const account = new Account(NOON, 0, daily);
    const own = record(30);
    account.add(own);
    expect(account.usedAt(NOON)).toEqual({ tokens: 30, costPicodollars: 60n, requests: 1 });
    account.placed(own, 7n);
    expect(account.usedAt(NOON).tokens).toBe(30);
    account.apply(meter({ tokens: 30, costPicodollars: 60n, requests: 1, through: 8n }), NOON);
    expect(account.usedAt(NOON)).toEqual({ tokens: 30, costPicodollars: 60n, requests: 1 });
    expect(account.pendingCount).toBe(0);
  });

  it('counts a record once when the meter is faster than the answer of the broker', () => {
    const account = new Account(NOON, 0, daily);
    const own = record(30);
    account.add(own);
    account.apply(meter({ tokens: 30, requests: 1, through: 8n }), NOON);
    account.placed(own, 7n);
    expect(account.usedAt(NOON).tokens).toBe(30);
  });

  it('keeps what a meter does not include yet', () => {
    const account = new Account(NOON, 0, daily);
    const [first, second] = [record(30), record(12)];
    for (const own of [first, second]) account.add(own);
    account.placed(first, 7n);
    account.placed(second, 8n);
    account.apply(meter({ tokens: 30, requests: 1, through: 8n }), NOON);
    expect(account.usedAt(NOON).tokens).toBe(42);
  });

  it('drops a meter that is older than the one it has', () => {
    const account = new Account(NOON, 0, daily);
    account.apply(meter({ sequence: 5, tokens: 50 }), NOON);
    account.apply(meter({ sequence: 4, tokens: 40 }), NOON);
    expect(account.usedAt(NOON).tokens).toBe(50);
  });

  it('is at zero from the instant the period ends, by its own clock', () => {
    const account = new Account(NOON, 0, daily);
    account.apply(meter({ tokens: 50 }), NOON);
    expect(account.usedAt(MIDNIGHT - 1).tokens).toBe(50);
    expect(account.usedAt(MIDNIGHT).tokens).toBe(0);
    expect(account.periodAt(MIDNIGHT).id).toBe('2026-11-24');
  });

  it('does not go back to an ended period when its last meter comes late', () => {
    const account = new Account(NOON, 0, daily);
    account.usedAt(MIDNIGHT + 5);
    account.apply(meter({ sequence: 9, tokens: 50 }), MIDNIGHT + 10);
    expect(account.usedAt(MIDNIGHT + 10).tokens).toBe(0);
  });

  it('counts a record in the period it was admitted in, however late it settles', () => {
    const account = new Account(NOON, 0, daily);
    account.usedAt(MIDNIGHT + 5);
    account.add(record(30, { admittedAtMs: MIDNIGHT - 1 }));
    account.add(record(4, { admittedAtMs: MIDNIGHT }));
    expect(account.usedAt(MIDNIGHT + 5).tokens).toBe(4);
  });

  it('starts at zero with a manual reset, and counts no record of the generation before', () => {
    const account = new Account(NOON, 0, daily);
    account.apply(meter({ tokens: 50 }), NOON);
    account.add(record(30));
    account.follow(NOON, 1, daily);
    expect(account.usedAt(NOON).tokens).toBe(0);
    account.add(record(3, { generation: 1 }));
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
          const account = new Account(NOON, 0, daily);
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
              account.placed(settled[answered]!, BigInt(answered));
              answered += 1;
            } else if (kind === 'meter' && metered < answered) {
              metered = answered;
              const tokens = settled.slice(0, metered).reduce((sum, own) => sum + own.tokens, 0);
              sequence += 1;
              account.apply(meter({ sequence, tokens, requests: metered, through: BigInt(metered) }), NOON);
            }
            const all = settled.reduce((sum, own) => sum + own.tokens, 0);
            expect(account.usedAt(NOON)).toMatchObject({ tokens: all, requests: settled.length });
            expect(account.pendingCount).toBe(settled.length - metered);
          }
        },
      ),
    );
  });
});
