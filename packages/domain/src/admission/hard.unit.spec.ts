import fc from 'fast-check';
import { admitAllowed } from '../allowance/admit-allowed.ts';
import { NOTHING } from '../allowance/held.ts';
import { Holding } from '../allowance/holding.ts';
import type { Rooms } from '../allowance/scope-terms.ts';
import type { Allowed } from './admit.ts';
import { type Demand, fitOutput, type Grant } from './fit-output.ts';

const demand = (overrides: Partial<Demand> = {}): Demand => ({
  inputTokens: 10,
  outputTokens: 100,
  choices: 1,
  price: { input: 2n, output: 5n, perRequest: 0n },
  ...overrides,
});

describe('fitting an attempt into what is left', () => {
  it.each([
    ['all of it', {}, { tokens: 110, costPicodollars: 520n }, { outputTokens: 100, lowered: false }],
    ['one token less', {}, { tokens: 109, costPicodollars: null }, { outputTokens: 99, lowered: true }],
    ['one picodollar less', {}, { tokens: null, costPicodollars: 519n }, { outputTokens: 99, lowered: true }],
    [
      'a single token',
      {},
      { tokens: 11, costPicodollars: 25n },
      { outputTokens: 1, tokens: 11, costPicodollars: 25n },
    ],
    [
      'three choices',
      { choices: 3 },
      { tokens: 100, costPicodollars: null },
      { outputTokens: 30, tokens: 100 },
    ],
    [
      'no output at all',
      { choices: 0 },
      { tokens: 10, costPicodollars: 20n },
      { tokens: 10, costPicodollars: 20n },
    ],
    [
      'free output',
      { price: { input: 2n, output: 0n, perRequest: 0n } },
      { tokens: null, costPicodollars: 20n },
      { lowered: false },
    ],
  ])('grants %s', (_, asked, room, granted) => {
    expect(fitOutput(demand(asked), room)).toEqual({ grant: expect.objectContaining(granted) });
  });

  it.each([
    ['not even one token of output', {}, { tokens: 10, costPicodollars: null }, 'tokens'],
    ['not even one token at its price', {}, { tokens: null, costPicodollars: 24n }, 'cost_usd'],
    ['not the input', { choices: 0 }, { tokens: 9, costPicodollars: null }, 'tokens'],
    ['nothing', {}, { tokens: -5, costPicodollars: -5n }, 'cost_usd'],
    ['no price to hold by', { price: null }, { tokens: null, costPicodollars: 1_000n }, 'cost_usd'],
  ])('refuses where %s fits', (_, asked, room, tooSmall) => {
    expect(fitOutput(demand(asked), room)).toEqual({ tooSmall });
  });
});

const ALL_TIME = { id: 'all', startMs: null, endMs: null };

/** What is left, as the only gateway there is has it: it was given all there is. */
function roomsOf(
  { costPicodollars, tokens, requestsPerMinute }: Allowed,
  holding: Holding,
  inWindow: number,
): Rooms {
  const { room } = holding;
  return {
    costPicodollars: costPicodollars && room.costPicodollars,
    tokens: tokens && room.tokens,
    requests: requestsPerMinute && requestsPerMinute - inWindow,
    verdict: 'short',
  };
}

interface Limits extends Allowed {
  readonly hard: boolean;
}

/** A gateway in miniature, alone: attempts of one key, its team and the organization that are admitted and end in every way there is. */
class Attempts {
  readonly scopes: readonly { readonly allowed: Limits; readonly holding: Holding }[];
  readonly flying: { grant: Grant; demand: Demand }[] = [];
  used = { ...NOTHING, requests: 0 };
  inWindow = 0;

  /** @param limits of key, team and organization, each of which is hard or soft */
  constructor(limits: readonly Limits[]) {
    this.scopes = limits.map((allowed, n) => {
      const holding = new Holding('key', `alw_${n}`, ALL_TIME, 0);
      holding.grant({ costPicodollars: allowed.costPicodollars ?? 0n, tokens: allowed.tokens ?? 0 });
      return { allowed, holding };
    });
  }

  admit(demand: Demand): void {
    const { used, inWindow } = this;
    const standings = this.scopes.map(({ allowed, holding }) => {
      const rooms = allowed.hard ? roomsOf(allowed, holding, inWindow) : null;
      return { allowed, used, inWindow, rooms };
    });
    const decision = admitAllowed(standings, demand, false);
    if (decision.outcome !== 'admitted') return;
    const grant = decision.grant!;
    for (const { holding } of this.scopes) holding.take(grant);
    this.inWindow += 1;
    this.flying.push({ grant, demand });
  }

  /** @param share of what it was granted that the attempt has used, 0…1; an orphan of a crash uses all of it */
  end(index: number, share: number): void {
    const [attempt] = this.flying.splice(index % this.flying.length, 1);
    if (!attempt) return;
    const { grant, demand: asked } = attempt;
    const input = Math.floor(asked.inputTokens * share);
    const output = Math.floor(grant.outputTokens * asked.choices * share);
    const { perRequest, ...price } = asked.price!;
    const costPicodollars = perRequest + BigInt(input) * price.input + BigInt(output) * price.output;
    const tokens = input + output;
    for (const { holding } of this.scopes) holding.settle(grant, { costPicodollars, tokens });
    this.used = {
      costPicodollars: this.used.costPicodollars + costPicodollars,
      tokens: this.used.tokens + tokens,
      requests: this.used.requests + 1,
    };
  }
}

const someDemand = fc.record({
  inputTokens: fc.integer({ min: 1, max: 60 }),
  outputTokens: fc.integer({ min: 1, max: 200 }),
  choices: fc.integer({ min: 1, max: 3 }),
  price: fc.record({ input: fc.bigInt(0n, 9n), output: fc.bigInt(0n, 9n), perRequest: fc.bigInt(0n, 9n) }),
});
const step = fc.oneof(
  fc.record({ admit: someDemand }),
  fc.record({ end: fc.nat(20), share: fc.constantFrom(0, 0.3, 0.99, 1) }),
);

it('under hard enforcement no interleaving takes settled above a limit, or leaves a hold behind', () => {
  const limits = fc.record({
    costPicodollars: fc.option(fc.bigInt(1n, 2_000n)),
    tokens: fc.option(fc.integer({ min: 1, max: 500 })),
    requestsPerMinute: fc.option(fc.integer({ min: 1, max: 10 })),
    hard: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.tuple(limits, limits, limits), fc.array(step, { maxLength: 60 }), (allowed, steps) => {
      const attempts = new Attempts(allowed);
      const check = () => {
        for (const { allowed: most, holding } of attempts.scopes) {
          expect(attempts.inWindow).toBeLessThanOrEqual(most.requestsPerMinute ?? Infinity);
          if (!most.hard) continue;
          const { busy } = holding;
          expect(busy.tokens).toBeLessThanOrEqual(most.tokens ?? Infinity);
          if (most.costPicodollars !== null) expect(busy.costPicodollars <= most.costPicodollars).toBe(true);
        }
      };
      for (const action of steps) {
        if ('admit' in action) attempts.admit(action.admit);
        else attempts.end(action.end, action.share);
        check();
      }
      while (attempts.flying.length > 0) attempts.end(0, 1);
      check();
      for (const { holding } of attempts.scopes) {
        expect(holding.held).toEqual(NOTHING);
        expect(holding.busy).toEqual({
          costPicodollars: attempts.used.costPicodollars,
          tokens: attempts.used.tokens,
        });
        expect(holding.isHeld).toBe(false);
      }
    }),
    { numRuns: 1_000 },
  );
});
