import { DEFAULT_TEAM_ID } from '@tollgate/contracts/ids';
import { UNLIMITED } from '@tollgate/contracts/limits';
import { decider } from '@tollgate/testing/decider';
import { toInstant } from '../instant.ts';
import { decide, type TeamCommand } from './decide.ts';
import type { TeamEvent } from './events.ts';
import { evolve, type TeamState } from './state.ts';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const by = { nowMs: NOW, actor: 'adm_1' };
const fact = { at: toInstant(NOW), actor: 'adm_1' };

const create: TeamCommand = {
  type: 'create',
  ...by,
  id: 'team_1',
  settings: { name: 'Research', limits: { tokens: 1_000 } },
};
const created = (id = 'team_1'): TeamEvent => ({
  type: 'TeamCreated',
  ...fact,
  data: { id, name: 'Research', limits: { ...UNLIMITED, tokens: 1_000 } },
});
const deleted: TeamEvent = { type: 'TeamDeleted', ...fact, data: {} };
const update = (settings: Extract<TeamCommand, { type: 'update' }>['settings']): TeamCommand => ({
  type: 'update',
  ...by,
  settings,
});
const remove = (live_keys: number): TeamCommand => ({ type: 'delete', ...by, live_keys });
const reset: TeamCommand = { type: 'reset', ...by, reason: 'a new budget' };

const team = decider<TeamCommand, TeamEvent, TeamState | null>({ decide, evolve, initial: null });

describe('a team', () => {
  it('is created once, unlimited but for what is given', () => {
    team.given([]).when(create).then([created()]);
    team.given([created()]).when(create).thenThrows('team_exists');
  });

  it('takes what changes, with its limits whole, and tells nothing where nothing does', () => {
    const changed = { ...UNLIMITED, cost_usd: '5.00' };
    team
      .given([created()])
      .when(update({ name: 'Research', limits: { tokens: null, cost_usd: '5.00' } }))
      .then([{ type: 'TeamUpdated', ...fact, data: { limits: changed } }]);
    team
      .given([created()])
      .when(update({ name: 'Research', limits: { tokens: 1_000 } }))
      .then([]);
  });

  it('is reset with a reason', () => {
    team
      .given([created()])
      .when(reset)
      .then([{ type: 'TeamReset', ...fact, data: { reason: 'a new budget' } }]);
  });

  it('is deleted when none of its keys lives, once, and for good', () => {
    team.given([created()]).when(remove(1)).thenThrows('team_has_keys');
    team.given([created()]).when(remove(0)).then([deleted]);
    team.given([created(), deleted]).when(remove(0)).then([]);
    for (const command of [update({ name: 'again' }), reset]) {
      team.given([created(), deleted]).when(command).thenThrows('team_deleted');
    }
  });

  it('is not deleted where keys without a team go', () => {
    team
      .given([created(DEFAULT_TEAM_ID)])
      .when(remove(0))
      .thenThrows('team_is_default');
  });

  it('that never was refuses all but its creation', () => {
    for (const command of [update({}), reset, remove(0)])
      team.given([]).when(command).thenThrows('team_missing');
  });
});

it('says how many keys stand in the way of a deletion, and where they are listed', () => {
  const state = evolve(null, created());
  expect(() => decide(remove(2), state)).toThrow(
    'The team has 2 keys that are not revoked. Find them with GET /v1/keys?team_id=team_1 and revoke them first; ' +
      'what was used stays in the ledger.',
  );
});
