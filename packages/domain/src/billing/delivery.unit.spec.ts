import fc from 'fast-check';
import { afterAttempt, type Outcome, oldestStampMs, oldestUnknownMs, retryDelayMs } from './delivery.ts';

const HOUR_MS = 3_600_000;

it('waits longer with every attempt, from a second to half an hour', () => {
  expect([1, 2, 3, 11, 12, 1_000].map(retryDelayMs)).toEqual([
    1_000, 2_000, 4_000, 1_024_000, 1_800_000, 1_800_000,
  ]);
});

it('remembers an unknown outcome through every later attempt', () => {
  const outcome = fc.constantFrom<Outcome>(
    { kind: 'postponed', problem: 'busy' },
    { kind: 'unknown', problem: 'silent' },
  );
  fc.assert(
    fc.property(fc.array(outcome, { minLength: 1, maxLength: 20 }), (outcomes) => {
      let unknown = false;
      for (const [i, each] of outcomes.entries()) {
        const next = afterAttempt(each, i + 1, unknown, 0);
        if (next.state !== 'pending') throw new Error(next.state);
        unknown = next.unknown;
      }
      expect(unknown).toBe(outcomes.some(({ kind }) => kind === 'unknown'));
      const refused = afterAttempt({ kind: 'refused', problem: 'no' }, 99, unknown, 0);
      expect(refused.state).toBe(unknown ? 'held' : 'failed');
      expect(afterAttempt({ kind: 'delivered' }, 99, unknown, 0).state).toBe('sent');
    }),
  );
});

it('gives up before Stripe forgets an identifier, and before an event is too old for it', () => {
  expect(oldestUnknownMs(0)).toBe(-23 * HOUR_MS);
  expect(oldestStampMs(0)).toBe(-(35 * 24 - 1) * HOUR_MS);
});
