import type { Organization } from '@tollgate/contracts/organization-http';
import type { Webhook } from '@tollgate/contracts/webhooks';
import type { OrganizationState } from '@tollgate/domain/organization/state';
import { limitsInOrder } from '../scopes/limits-in-order.ts';

/** The organization as the API shows it. */
export const toOrganizationView = (
  { id, name, limits, warning_thresholds, version }: OrganizationState,
  webhooks: Webhook[] | null,
): Organization => ({
  id,
  name,
  limits: limitsInOrder(limits),
  warning_thresholds: [...warning_thresholds],
  webhooks,
  version,
});
