import fc from 'fast-check';
import type { CountedLimits } from './meter.ts';
import {
  LONGEST_UNPUBLISHED_MS,
  MOST_UNPUBLISHED_REQUESTS,
  publishDueMs,
  SHORTEST_INTERVAL_MS,
} from './publish.ts';

const NOW = 1_000_000;
const tokens = (used: bigint) => ({ cost: 0n, tokens: used, requests: 1n });
const due = (
  used: bigint,
  published: { used: bigint; agoMs: number } | null,
  { limits = { cost: null, tokens: 1000n } as CountedLimits, dueMs = null as number | null } = {},
) =>
  publishDueMs(
    { used: tokens(used), limits },
    published && { used: tokens(published.used), atMs: NOW - published.agoMs },
    dueMs,
    NOW,
  ) - NOW;

describe('publishDueMs', () => {
  it('publishes a step of 1 % of a limit at once, and less within 10 s', () => {
    expect(due(10n, null)).toBe(0);
    expect(due(9n, null)).toBe(LONGEST_UNPUBLISHED_MS);
    expect(due(510n, { used: 500n, agoMs: 0 })).toBe(0);
    expect(due(509n, { used: 500n, agoMs: 60_000 })).toBe(LONGEST_UNPUBLISHED_MS);
  });

  it('does not put off a change that is due already', () => {
    expect(due(505n, { used: 500n, agoMs: 9_000 }, { dueMs: NOW + 1_000 })).toBe(1_000);
  });

  it('publishes every change above 95 %, at most 20 times a second', () => {
    expect(due(951n, { used: 950n, agoMs: 50 })).toBe(0);
    expect(due(951n, { used: 950n, agoMs: 20 })).toBe(SHORTEST_INTERVAL_MS - 20);
  });

  it('publishes an unlimited scope within 10 s, and 1 000 requests at once', () => {
    const limits = { cost: null, tokens: null };
    expect(due(10n ** 12n, null, { limits })).toBe(LONGEST_UNPUBLISHED_MS);
    const dueAfter = (requests: bigint) => {
      const used = { cost: 0n, tokens: 0n, requests: 5_000n + requests };
      const published = { used: { ...used, requests: 5_000n }, atMs: NOW - 1 };
      return publishDueMs({ used, limits }, published, null, NOW) - NOW;
    };
    expect(dueAfter(MOST_UNPUBLISHED_REQUESTS)).toBe(0);
    expect(dueAfter(MOST_UNPUBLISHED_REQUESTS - 1n)).toBe(LONGEST_UNPUBLISHED_MS);
  });

  it('never waits longer than 10 s, and never publishes faster than 20/s near a limit', () => {
    const amount = fc.bigInt({ min: 0n, max: 2000n });
    fc.assert(
      fc.property(
        amount,
        amount,
        fc.nat(20_000),
        fc.option(fc.nat(10_000)),
        (used, before, agoMs, dueInMs) => {
          const inMs = due(used, { used: before, agoMs }, { dueMs: dueInMs === null ? null : NOW + dueInMs });
          expect(inMs).toBeLessThanOrEqual(LONGEST_UNPUBLISHED_MS);
          if (used >= 950n && dueInMs === null)
            expect(inMs + agoMs).toBeGreaterThanOrEqual(SHORTEST_INTERVAL_MS);
        },
      ),
    );
  });
});
