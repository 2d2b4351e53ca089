import { keyState } from '@tollgate/contracts/events';
import { RESET_PERIODS } from '@tollgate/contracts/limits';
import fc from 'fast-check';
import { toInstant } from '../instant.ts';
import { decide, type KeyCommand, MAX_SECRETS } from './decide.ts';
import type { KeyEvent } from './events.ts';
import { toGatewayState } from './gateway-state.ts';
import { KeyRefused } from './refusal.ts';
import { evolve, foldKey, type KeyState } from './state.ts';
import { status } from './status.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');

const secret = fc.record({
  digest: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
  pepper: fc.integer({ min: 1, max: 9 }),
  last_four: fc.string({ unit: fc.constantFrom(...'abcXYZ019'), minLength: 4, maxLength: 4 }),
});
const limits = fc.record(
  {
    tokens: fc.option(fc.integer({ min: 1, max: 3 })),
    requests_per_minute: fc.option(fc.integer({ min: 1, max: 3 })),
    cost_usd: fc.constantFrom(null, '1.00', '2.50'),
    reset_period: fc.constantFrom(...RESET_PERIODS),
  },
  { requiredKeys: [] },
);
const settings = fc.record(
  {
    name: fc.constantFrom('a', 'b'),
    allowed_models: fc.constantFrom(null, ['m'], ['m', 'n*']),
    allowed_ips: fc.constantFrom(null, ['10.0.0.0/8']),
    owner: fc.constantFrom(null, 'ann'),
    expires_at: fc.option(fc.integer({ min: -60_000, max: 600_000 }).map((ms) => toInstant(START + ms))),
    limits,
  },
  { requiredKeys: [] },
);

type Timeless<C> = C extends unknown ? Omit<C, 'nowMs' | 'actor'> : never;
const command: fc.Arbitrary<Timeless<KeyCommand>> = fc.oneof(
  { arbitrary: fc.record({ type: fc.constant('update' as const), settings }), weight: 6 },
  {
    arbitrary: fc.record({
      type: fc.constant('rotate' as const),
      secret,
      overlap_seconds: fc.constantFrom(0, 1, 60, 604_800),
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({ type: fc.constant('reset' as const), reason: fc.option(fc.string()) }),
    weight: 3,
  },
  { arbitrary: fc.constantFrom({ type: 'enable' } as const, { type: 'disable' } as const), weight: 4 },
  { arbitrary: fc.constant({ type: 'revoke' } as const), weight: 1 },
);

/** A command with the milliseconds that passed before it. */
const step = fc.tuple(command, fc.integer({ min: 0, max: 90_000 }));
type Step = readonly [Timeless<KeyCommand>, number];

const born = (): KeyEvent[] =>
  decide(
    {
      type: 'create',
      nowMs: START,
      actor: 'adm_1',
      id: 'key_1',
      team_id: 'team_default',
      settings: { name: 'a' },
      secret: { digest: 'd', pepper: 1, last_four: 'aaaa' },
    },
    null,
  );

/** Runs the steps and shows each that was not refused: what it started from, its events and where they led. */
function run(
  steps: Step[],
  look: (before: KeyState, events: KeyEvent[], after: KeyState, nowMs: number) => void,
): KeyEvent[] {
  const history = born();
  let state = foldKey(history)!;
  let nowMs = START;
  for (const [wanted, passedMs] of steps) {
    nowMs += passedMs;
    const events = accepted({ ...wanted, nowMs, actor: 'adm_1' } as KeyCommand, state);
    const next = events.reduce<KeyState | null>(evolve, state)!;
    look(state, events, next, nowMs);
    history.push(...events);
    state = next;
  }
  return history;
}

function accepted(wanted: KeyCommand, state: KeyState): KeyEvent[] {
  try {
    return decide(wanted, state);
  } catch (error) {
    if (error instanceof KeyRefused) return [];
    throw error;
  }
}

const property = (look: Parameters<typeof run>[1]) =>
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => void run(steps, look)));

describe('under any sequence of commands', () => {
  it('the version grows by 1 with each event', () =>
    property((before, events, after) => expect(after.version).toBe(before.version + events.length)));

  it('a revoked key stays revoked, since the same instant, and gives no more events', () =>
    property((before, events, after, nowMs) => {
      if (before.revoked_at === null) return;
      expect(events).toEqual([]);
      expect(after.revoked_at).toBe(before.revoked_at);
      expect(status(after, nowMs)).toBe('revoked');
    }));

  it('the limit revision grows by 1 with a change of limits and stays otherwise', () =>
    property((before, _, after) => {
      const changed = JSON.stringify(before.limits) !== JSON.stringify(after.limits);
      expect(after.limit_revision).toBe(before.limit_revision + (changed ? 1 : 0));
    }));

  it('the generation grows by exactly 1 with each reset', () =>
    property((before, events, after) => {
      const resets = events.filter(({ type }) => type === 'KeyReset').length;
      expect(after.generation).toBe(before.generation + resets);
    }));

  it('there is one current secret, and the number of secrets is bounded', () =>
    property((_, __, after) => {
      expect(after.secrets.length).toBeLessThanOrEqual(MAX_SECRETS);
      expect(after.secrets.filter(({ expires_at }) => expires_at === null)).toEqual([after.secrets[0]]);
    }));

  it('an accepted command repeated at once changes nothing more, unless it rotates or resets', () =>
    property((before, events, after, nowMs) => {
      if (events.some(({ type }) => type === 'KeyRotated' || type === 'KeyReset')) return;
      for (const event of events) {
        if (event.type !== 'KeyUpdated') continue;
        const again = { type: 'update', nowMs, actor: 'adm_1', settings: event.data } as const;
        expect(accepted(again, after)).toEqual([]);
      }
      expect(before.id).toBe(after.id);
    }));

  it('what gateways are given fits the contract', () =>
    property((_, __, after) => void keyState.parse(toGatewayState(after))));

  it('the state is a pure fold of the history', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const states: KeyState[] = [];
        const history = run(steps, (_, __, after) => void states.push(after));
        expect(foldKey(JSON.parse(JSON.stringify(history)))).toEqual(states.at(-1) ?? foldKey(history));
      }),
    );
  });
});

it('an event of a later release counts as a version and changes nothing else', () => {
  const state = foldKey(born())!;
  const later = { type: 'KeyPainted', at: toInstant(START), actor: 'adm_1', data: { colour: 'red' } };
  expect(evolve(state, later as unknown as KeyEvent)).toEqual({ ...state, version: 2 });
  expect(evolve(null, later as unknown as KeyEvent)).toBeNull();
});
