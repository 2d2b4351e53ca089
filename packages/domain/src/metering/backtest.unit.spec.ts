import fc from 'fast-check';
import { Backtest, type PastAttempt, type ProposedLimits } from './backtest.ts';

const NOON = Date.parse('2026-11-23T12:00:00Z');
const limits = (proposed: Partial<ProposedLimits>): ProposedLimits => ({
  cost: null,
  tokens: null,
  requestsPerMinute: null,
  resetPeriod: 'daily',
  timezone: 'UTC',
  ...proposed,
});
const attempt = (n: number, atMs: number, tokens = 10, took = 0, tryNumber = 1): PastAttempt => ({
  id: `req_${n}/${tryNumber}`,
  admittedAtMs: NOON + atMs,
  settledAtMs: NOON + atMs + took,
  cost: BigInt(tokens) * 7n,
  tokens: BigInt(tokens),
});
const refusals = (proposed: Partial<ProposedLimits>, attempts: readonly PastAttempt[]) => {
  const backtest = new Backtest(limits(proposed));
  return attempts.map((each) => backtest.next(each));
};

describe('a backtest', () => {
  it('refuses what came after a limit was reached, not what crossed it', () => {
    const past = [attempt(1, 0, 60), attempt(2, 1, 60), attempt(3, 2)];
    expect(refusals({ tokens: 100n }, past)).toEqual([null, null, 'tokens']);
    expect(refusals({ cost: 840n, tokens: 120n }, past)).toEqual([null, null, 'cost_usd']);
    expect(refusals({ tokens: 121n }, past)).toEqual([null, null, null]);
  });

  it('counts use when it settles', () => {
    const past = [attempt(1, 0, 100, 50), attempt(2, 49), attempt(3, 50)];
    expect(refusals({ tokens: 100n }, past)).toEqual([null, null, 'tokens']);
  });

  it('begins anew with each period, in its time zone', () => {
    const midnight = 11 * 3_600_000;
    const past = [attempt(1, 0, 100), attempt(2, midnight - 1), attempt(3, midnight)];
    expect(refusals({ tokens: 100n, timezone: 'Europe/Amsterdam' }, past)).toEqual([null, 'tokens', null]);
    expect(refusals({ tokens: 100n, resetPeriod: 'never' }, past)).toEqual([null, 'tokens', 'tokens']);
  });

  it('counts requests in any minute, refused ones not', () => {
    const past = [0, 10, 20, 59_999, 60_000, 60_010].map((atMs, n) => attempt(n, atMs));
    expect(refusals({ requestsPerMinute: 2 }, past)).toEqual([
      null,
      null,
      'requests_per_minute',
      'requests_per_minute',
      null,
      null,
    ]);
  });

  it('takes a further attempt for no admission, and refuses those of a refused request', () => {
    const past = [attempt(1, 0), attempt(1, 1, 10, 0, 2), attempt(2, 2), attempt(2, 3, 10, 0, 2)];
    const backtest = new Backtest(limits({ requestsPerMinute: 1 }));
    expect(past.map((each) => backtest.next(each))).toEqual([
      null,
      null,
      'requests_per_minute',
      'requests_per_minute',
    ]);
    expect(backtest.refusals.requests_per_minute).toBe(1);
    expect(backtest.periods[0]).toMatchObject({ requests: 2, refused: 1, firstRefusedAtMs: NOON + 2 });
    expect(backtest.saved).toEqual({ cost: 140n, tokens: 20n, requests: 2n });
  });

  it('never admits above requests per minute, and loses no use between admitted and saved', () => {
    const past = fc
      .array(fc.record({ gap: fc.nat(30_000), tokens: fc.nat(50), took: fc.nat(20_000) }), { maxLength: 60 })
      .map((gaps) => {
        let atMs = 0;
        return gaps.map(({ gap, tokens, took }, n) => {
          atMs += gap;
          return attempt(n, atMs, tokens, took);
        });
      });
    fc.assert(
      fc.property(past, fc.integer({ min: 1, max: 5 }), fc.bigInt(1n, 400n), (attempts, rpm, tokens) => {
        const backtest = new Backtest(limits({ requestsPerMinute: rpm, tokens }));
        const admitted = attempts.filter((each) => backtest.next(each) === null);
        for (const { admittedAtMs } of admitted) {
          const inWindow = admitted.filter(
            (other) => other.admittedAtMs > admittedAtMs - 60_000 && other.admittedAtMs <= admittedAtMs,
          );
          expect(inWindow.length).toBeLessThanOrEqual(rpm);
        }
        const sum = (some: readonly PastAttempt[]) => some.reduce((all, each) => all + each.tokens, 0n);
        expect(sum(admitted) + backtest.saved.tokens).toBe(sum(attempts));
        const refused = Object.values(backtest.refusals).reduce((all, count) => all + count, 0);
        expect(admitted.length + refused).toBe(attempts.length);
      }),
    );
  });
});
