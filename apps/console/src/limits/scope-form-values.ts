import type { Limits } from '@tollgate/contracts/limits';
import { type LimitValues, limitsInputOf, limitValuesOf } from './limit-values.ts';

/** A team or the organization as a dialog's fields hold it. */
export interface ScopeFormValues {
  name: string;
  limits: LimitValues;
}

export const SCOPE_FIELDS: readonly string[] = [
  'name',
  ...['limits.cost_usd', 'limits.tokens', 'limits.requests_per_minute'],
  ...['limits.reset_period', 'limits.timezone', 'limits.enforcement'],
];

export const scopeValuesOf = (scope?: {
  readonly name: string;
  readonly limits: Limits;
}): ScopeFormValues => ({
  name: scope?.name ?? '',
  limits: limitValuesOf(scope?.limits),
});

export const scopeBodyOf = ({ name, limits }: ScopeFormValues) => ({ name, limits: limitsInputOf(limits) });
