import { organizationState, teamState } from '@tollgate/contracts/events';
import { RESET_PERIODS } from '@tollgate/contracts/limits';
import fc from 'fast-check';
import * as organization from '../organization/decide.ts';
import { toGatewayState as organizationForGateways } from '../organization/gateway-state.ts';
import { OrganizationRefused } from '../organization/refusal.ts';
import { evolve as evolveOrganization } from '../organization/state.ts';
import * as team from '../team/decide.ts';
import { toGatewayState as teamForGateways } from '../team/gateway-state.ts';
import { TeamRefused } from '../team/refusal.ts';
import { evolve as evolveTeam } from '../team/state.ts';
import type { Limited } from './settings.ts';

const by = { nowMs: Date.parse('2026-01-01T00:00:00.000Z'), actor: 'adm_1' };

const settings = fc.record(
  {
    name: fc.constantFrom('a', 'b'),
    limits: fc.record(
      {
        tokens: fc.option(fc.integer({ min: 1, max: 3 })),
        cost_usd: fc.constantFrom(null, '1.00', '2.50'),
        reset_period: fc.constantFrom(...RESET_PERIODS),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const asked = fc.oneof(
  { arbitrary: fc.record({ type: fc.constant('update' as const), settings }), weight: 6 },
  {
    arbitrary: fc.record({ type: fc.constant('reset' as const), reason: fc.option(fc.string()) }),
    weight: 3,
  },
  { arbitrary: fc.record({ type: fc.constant('delete' as const), live_keys: fc.nat(2) }), weight: 1 },
);
type Asked = ReturnType<typeof asked.generate>['value'];

type State = Limited & { readonly version: number; readonly deleted_at?: string | null };
interface Subject {
  born(): State;
  /** The state after each event that the command caused; none where it is refused. */
  next(wanted: Asked, state: State): State[];
  contract(state: State): unknown;
}

/** Every state that a sequence of events passes through. */
function through<Event, S>(events: readonly Event[], from: S, evolve: (state: S, event: Event) => S): S[] {
  let state = from;
  return events.map((event) => {
    state = evolve(state, event);
    return state;
  });
}
function unlessRefused<T>(decide: () => T[]): T[] {
  try {
    return decide();
  } catch (error) {
    if (error instanceof TeamRefused || error instanceof OrganizationRefused) return [];
    throw error;
  }
}

const aTeam: Subject = {
  born: () => {
    const born = team.decide({ type: 'create', ...by, id: 'team_1', settings: { name: 'a' } }, null);
    return through(born, null, evolveTeam).at(-1)!;
  },
  next: (wanted, state) => {
    const known = state as Parameters<typeof evolveTeam>[0];
    return through(
      unlessRefused(() => team.decide({ ...by, ...wanted }, known)),
      known,
      evolveTeam,
    ).map((after) => after!);
  },
  contract: (state) => teamState.parse(teamForGateways(state as Parameters<typeof teamForGateways>[0])),
};
const anOrganization: Subject = {
  born: () => {
    const born = organization.decide({ type: 'found', ...by, id: 'org_default', name: 'a' }, null);
    return through(born, null, evolveOrganization).at(-1)!;
  },
  next: (wanted, state) => {
    if (wanted.type === 'delete') return [];
    const known = state as Parameters<typeof evolveOrganization>[0];
    return through(
      unlessRefused(() => organization.decide({ ...by, ...wanted }, known)),
      known,
      evolveOrganization,
    ).map((after) => after!);
  },
  contract: (state) =>
    organizationState.parse(organizationForGateways(state as Parameters<typeof organizationForGateways>[0])),
};

describe.each([
  ['a team', aTeam],
  ['the organization', anOrganization],
])('under any sequence of commands, %s', (_, subject) => {
  /** Shows each command with the states around it. */
  const property = (look: (wanted: Asked, before: State, after: State) => void) =>
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 60 }), (wanteds) => {
        let state = subject.born();
        for (const wanted of wanteds) {
          const after = subject.next(wanted, state).at(-1) ?? state;
          look(wanted, state, after);
          state = after;
        }
      }),
    );

  it('has a version that grows by at most 1 with each, and by 1 where anything changed', () =>
    property((_wanted, before, after) => {
      const changed = JSON.stringify(before) !== JSON.stringify(after);
      expect(after.version).toBe(before.version + (changed ? 1 : 0));
    }));

  it('has a limit revision that grows by 1 with a change of limits and stays otherwise', () =>
    property((_wanted, before, after) => {
      const changed = JSON.stringify(before.limits) !== JSON.stringify(after.limits);
      expect(after.limit_revision).toBe(before.limit_revision + (changed ? 1 : 0));
    }));

  it('has a generation that grows by 1 with each reset and stays otherwise', () =>
    property((wanted, before, after) => {
      const isReset = wanted.type === 'reset' && after !== before;
      expect(after.generation).toBe(before.generation + (isReset ? 1 : 0));
    }));

  it('changes no more once it is deleted', () =>
    property((_wanted, before, after) => {
      if (before.deleted_at) expect(after).toBe(before);
    }));

  it('fits the contract in what others are told', () =>
    property((_wanted, _before, after) => void subject.contract(after)));
});
