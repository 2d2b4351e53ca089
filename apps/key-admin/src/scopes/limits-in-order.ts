import type { Limits } from '@tollgate/contracts/limits';

/** The database keeps no order of fields; people read them in this one. */
export const limitsInOrder = ({
  cost_usd,
  tokens,
  requests_per_minute,
  reset_period,
  timezone,
  enforcement,
}: Limits): Limits => ({
  cost_usd,
  tokens,
  requests_per_minute,
  reset_period,
  timezone,
  enforcement,
});
