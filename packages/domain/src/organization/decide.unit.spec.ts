import { UNLIMITED } from '@tollgate/contracts/limits';
import { decider } from '@tollgate/testing/decider';
import { toInstant } from '../instant.ts';
import { decide, type OrganizationCommand } from './decide.ts';
import type { OrganizationEvent } from './events.ts';
import { evolve, type OrganizationState } from './state.ts';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const by = { nowMs: NOW, actor: 'adm_1' };
const fact = { at: toInstant(NOW), actor: 'adm_1' };

const found: OrganizationCommand = { type: 'found', ...by, id: 'org_default', name: 'Example' };
const founded: OrganizationEvent = {
  type: 'OrganizationFounded',
  ...fact,
  data: { id: 'org_default', name: 'Example', limits: UNLIMITED, warning_thresholds: [50, 80, 95, 100] },
};
const update = (
  settings: Extract<OrganizationCommand, { type: 'update' }>['settings'],
): OrganizationCommand => ({ type: 'update', ...by, settings });
const reset: OrganizationCommand = { type: 'reset', ...by, reason: null };

const organization = decider<OrganizationCommand, OrganizationEvent, OrganizationState | null>({
  decide,
  evolve,
  initial: null,
});

describe('the organization', () => {
  it('is founded once, unlimited, with the usual warnings', () => {
    organization.given([]).when(found).then([founded]);
    organization.given([founded]).when(found).thenThrows('organization_exists');
  });

  it('takes what changes, with its limits whole, and tells nothing where nothing does', () => {
    organization
      .given([founded])
      .when(update({ name: 'Acme', limits: { cost_usd: '9.00' }, warning_thresholds: [50, 80, 95, 100] }))
      .then([
        {
          type: 'OrganizationUpdated',
          ...fact,
          data: { name: 'Acme', limits: { ...UNLIMITED, cost_usd: '9.00' } },
        },
      ]);
    organization
      .given([founded])
      .when(update({ name: 'Example', limits: { cost_usd: null } }))
      .then([]);
  });

  it('may be warned at other shares, or never', () => {
    for (const warning_thresholds of [[90], []]) {
      organization
        .given([founded])
        .when(update({ warning_thresholds }))
        .then([{ type: 'OrganizationUpdated', ...fact, data: { warning_thresholds } }]);
    }
  });

  it('is reset with or without a reason', () => {
    organization
      .given([founded])
      .when(reset)
      .then([{ type: 'OrganizationReset', ...fact, data: { reason: null } }]);
  });

  it('that was never founded refuses all else', () => {
    for (const command of [update({}), reset])
      organization.given([]).when(command).thenThrows('organization_missing');
  });
});
