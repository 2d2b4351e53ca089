import fc from 'fast-check';
import { afterAttempt, GIVE_UP_AFTER_MS, MOST_RETRY_AFTER_MS } from './retry.ts';

const series = { failures: 0, sinceMs: 0, nowMs: 0, random: 0.5 };
const failed = { status: 500, retryAfterMs: null };

describe('after an attempt', () => {
  it.each([200, 201, 204, 299])('%i is success', (status) => {
    expect(afterAttempt({ status, retryAfterMs: null }, series)).toEqual({ state: 'delivered' });
  });

  it('410 is the end', () => {
    expect(afterAttempt({ status: 410, retryAfterMs: null }, series)).toEqual({
      state: 'failed',
      gone: true,
    });
  });

  it.each([null, 100, 301, 307, 400, 404, 429, 500, 503])('%p is tried again', (status) => {
    expect(afterAttempt({ status, retryAfterMs: null }, series).state).toBe('pending');
  });

  it('the pauses grow until the delivery is given up within three days', () => {
    const pauses: number[] = [];
    for (let failures = 0, nowMs = 0; ; failures += 1) {
      const next = afterAttempt(failed, { failures, sinceMs: 0, nowMs, random: 0.5 });
      if (next.state !== 'pending') {
        expect(next).toEqual({ state: 'failed', gone: false });
        break;
      }
      pauses.push((next.dueMs - nowMs) / 1_000);
      nowMs = next.dueMs;
    }
    const halfDay = 43_200;
    expect(pauses).toEqual([5, 30, 120, 600, 1_800, 7_200, 21_600, ...Array(5).fill(halfDay)]);
  });

  it('a pause that the receiver asks for is kept, up to an hour, and never shortens ours', () => {
    const due = (retryAfterMs: number, failures = 0) =>
      afterAttempt({ status: 503, retryAfterMs }, { ...series, failures });
    expect(due(60_000)).toEqual({ state: 'pending', dueMs: 60_000 });
    expect(due(10 * MOST_RETRY_AFTER_MS)).toEqual({ state: 'pending', dueMs: MOST_RETRY_AFTER_MS });
    expect(due(1)).toEqual({ state: 'pending', dueMs: 5_000 });
    expect(due(1, 5)).toEqual({ state: 'pending', dueMs: 7_200_000 });
  });

  it('whatever happens, the next attempt is later than now, within 20 % of its pause, and before the end', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.nat(GIVE_UP_AFTER_MS),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, nowMs, random) => {
          const at = (draw: number) => afterAttempt(failed, { failures, sinceMs: 0, nowMs, random: draw });
          const [middle, drawn] = [at(0.5), at(random)];
          if (drawn.state !== 'pending') return;
          expect(drawn.dueMs).toBeGreaterThan(nowMs);
          expect(drawn.dueMs).toBeLessThanOrEqual(GIVE_UP_AFTER_MS);
          if (middle.state !== 'pending') return;
          const ratio = (drawn.dueMs - nowMs) / (middle.dueMs - nowMs);
          expect(Math.abs(ratio - 1)).toBeLessThan(0.2001);
        },
      ),
    );
  });
});
