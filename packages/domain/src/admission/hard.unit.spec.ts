import fc from 'fast-check';
import { admitAllowed } from '../allowance/admit-allowed.ts';
import type { Rooms } from '../allowance/scope-terms.ts';
import { Account } from './account.ts';
import type { Allowed } from './admit.ts';
import { type Demand, fitOutput } from './fit-output.ts';
import { type Held, Hold } from './holds.ts';
import type { PendingRecord } from './pending-records.ts';

const NOON = Date.UTC(2026, 10, 23, 12);
const KINDS = ['key', 'team', 'organization'] as const;
const generations = { key: 0, team: 0, organization: 0 };
const daily = { resetPeriod: 'daily', timezone: 'UTC' } as const;
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

/** All that is left, as the only gateway there is has it. */
const roomsOf = (
  { costPicodollars, tokens, requestsPerMinute }: Allowed,
  used: Held,
  held: Held,
  inWindow: number,
): Rooms => ({
  costPicodollars: costPicodollars && costPicodollars - used.costPicodollars - held.costPicodollars,
  tokens: tokens && tokens - used.tokens - held.tokens,
  requests: requestsPerMinute && requestsPerMinute - inWindow,
  verdict: 'short',
});

/** A gateway in miniature, alone: attempts of one key, its team and the organization that are admitted and end in every way there is. */
class Attempts {
  readonly accounts = KINDS.map((kind) => new Account(kind, NOON, 0, daily));
  readonly flying: { hold: Hold; demand: Demand; outputTokens: number }[] = [];
  inWindow = 0;

  /** @param allowed to key, team and organization, each of which is hard or soft */
  constructor(readonly allowed: readonly (Allowed & { readonly hard: boolean })[]) {}

  standings() {
    const { inWindow } = this;
    return this.allowed.map(({ hard, ...allowed }, n) => {
      const account = this.accounts[n]!;
      const [used, held] = [account.usedAt(NOON), account.heldAt(NOON)];
      const rooms = hard ? roomsOf(allowed, used, held, inWindow) : null;
      return { allowed, hard, used, held, inWindow, rooms };
    });
  }

  admit(asked: Demand): void {
    const decision = admitAllowed(this.standings(), asked, false);
    if (decision.outcome !== 'admitted') return;
    const { costPicodollars, tokens, outputTokens } = decision.grant!;
    const hold = new Hold(NOON, generations, costPicodollars, tokens);
    for (const account of this.accounts) account.hold(hold);
    this.inWindow += 1;
    this.flying.push({ hold, demand: asked, outputTokens });
  }

  /** @param share of what it was granted that the attempt has used, 0…1; an orphan of a crash uses all of it */
  end(index: number, share: number): void {
    const [attempt] = this.flying.splice(index % this.flying.length, 1);
    if (!attempt) return;
    const { hold, demand: asked, outputTokens } = attempt;
    const input = Math.floor(asked.inputTokens * share);
    const output = Math.floor(outputTokens * asked.choices * share);
    const record: PendingRecord = {
      admittedAtMs: NOON,
      generations,
      costPicodollars:
        asked.price!.perRequest + BigInt(input) * asked.price!.input + BigInt(output) * asked.price!.output,
      tokens: input + output,
      partition: 0,
      offset: null,
    };
    for (const account of this.accounts) {
      account.release(hold);
      account.add(record);
    }
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
        for (const { allowed: most, hard, used, held, inWindow } of attempts.standings()) {
          expect(inWindow).toBeLessThanOrEqual(most.requestsPerMinute ?? Infinity);
          if (!hard) continue;
          expect(used.tokens + held.tokens).toBeLessThanOrEqual(most.tokens ?? Infinity);
          if (most.costPicodollars !== null)
            expect(used.costPicodollars + held.costPicodollars <= most.costPicodollars).toBe(true);
        }
      };
      for (const action of steps) {
        if ('admit' in action) attempts.admit(action.admit);
        else attempts.end(action.end, action.share);
        check();
      }
      while (attempts.flying.length > 0) attempts.end(0, 1);
      check();
      for (const account of attempts.accounts) {
        expect(account.heldAt(NOON)).toEqual({ costPicodollars: 0n, tokens: 0 });
        expect(account.holdCount).toBe(0);
      }
    }),
    { numRuns: 1_000 },
  );
});

describe('holds of an account', () => {
  const hold = new Hold(NOON, generations, 7n, 3);
  const nothing = { costPicodollars: 0n, tokens: 0 };

  it('stand in the period and generation of their admission only', () => {
    const account = new Account('key', NOON, 0, daily);
    account.hold(hold);
    expect(account.heldAt(NOON)).toEqual({ costPicodollars: 7n, tokens: 3 });
    account.follow(NOON, 1, daily);
    expect(account.heldAt(NOON)).toEqual(nothing);
    const later = new Account('key', NOON, 0, daily);
    later.hold(hold);
    expect(later.heldAt(NOON + 86_400_000)).toEqual(nothing);
    later.release(hold);
    expect(later.heldAt(NOON + 86_400_000)).toEqual(nothing);
  });

  it('are given back once, however often that is said', () => {
    const account = new Account('key', NOON, 0, daily);
    account.hold(hold);
    account.release(hold);
    account.release(hold);
    expect(account.heldAt(NOON)).toEqual(nothing);
  });
});
