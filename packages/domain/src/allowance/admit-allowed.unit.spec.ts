import { type AllowedStanding, admitAllowed } from './admit-allowed.ts';
import type { Rooms } from './scope-terms.ts';

const FREE: Rooms = { costPicodollars: null, tokens: null, requests: null, verdict: 'ask' };

const standing = (rooms: Partial<Rooms> | null, of: Partial<AllowedStanding> = {}): AllowedStanding => ({
  allowed: { costPicodollars: null, tokens: 1_000, requestsPerMinute: 10 },
  used: { costPicodollars: 0n, tokens: 0, requests: 0 },
  inWindow: 0,
  rooms: rooms && { ...FREE, ...rooms },
  ...of,
});
const demand = { inputTokens: 10, outputTokens: 90, choices: 1, price: null };
const outcome = (scopes: AllowedStanding[], isLast = false) => admitAllowed(scopes, demand, isLast);

describe('a request, on what its scopes were given', () => {
  it('goes on without asking anybody where it fits', () => {
    expect(outcome([standing({ tokens: 100, requests: 1 }), standing(null)])).toMatchObject({
      outcome: 'admitted',
      grant: { tokens: 100, lowered: false },
    });
  });

  it('is refused without asking anybody where a limit is reached', () => {
    const used = { costPicodollars: 0n, tokens: 1_000, requests: 9 };
    expect(outcome([standing({ tokens: 0, requests: 0 }, { used })])).toMatchObject({
      outcome: 'refused',
      refusal: { dimension: 'tokens', limit: 1_000, used: 1_000 },
    });
  });

  it('waits for metering where something is missing of any scope, and says what', () => {
    const scopes = [standing({ tokens: 100, requests: 1 }), standing({ tokens: 99, requests: 0 })];
    expect(outcome(scopes)).toEqual({
      outcome: 'lacking',
      lacking: [{ scope: scopes[1], requests: 1, costPicodollars: 0n, tokens: 100 }],
    });
  });

  it('takes what there is where metering has no more, or when it has waited', () => {
    const fits = { outcome: 'admitted', grant: { outputTokens: 20, lowered: true, tokens: 30 } };
    expect(outcome([standing({ tokens: 30, verdict: 'short' })])).toMatchObject(fits);
    expect(outcome([standing({ tokens: 30, verdict: 'waiting' })], true)).toMatchObject(fits);
    expect(outcome([standing({ tokens: 30, verdict: 'away' })])).toMatchObject(fits);
  });

  it('is refused where not one token of output fits, and that is known', () => {
    const refused = { outcome: 'refused', refusal: { dimension: 'tokens', limit: 1_000 } };
    expect(outcome([standing({ tokens: 10, verdict: 'short' })])).toMatchObject(refused);
    expect(outcome([standing({ tokens: 10, verdict: 'waiting' })], true)).toMatchObject(refused);
    expect(outcome([standing({ requests: 0, verdict: 'short' })])).toMatchObject({
      outcome: 'refused',
      refusal: { dimension: 'requests_per_minute', limit: 10, used: 10 },
    });
  });

  it('cannot be decided where metering does not answer and nothing fits', () => {
    expect(outcome([standing({ tokens: 10, verdict: 'away' })])).toMatchObject({ outcome: 'unavailable' });
    expect(outcome([standing({ requests: 0, verdict: 'ask' })], true)).toMatchObject({
      outcome: 'unavailable',
    });
  });
});
