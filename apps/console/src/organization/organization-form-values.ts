import type { Organization } from '@tollgate/contracts/organization-http';
import {
  SCOPE_FIELDS,
  type ScopeFormValues,
  scopeBodyOf,
  scopeValuesOf,
} from '../limits/scope-form-values.ts';

/** The organization as its dialog holds it. */
export interface OrganizationFormValues extends ScopeFormValues {
  /** Percents, as they are written. */
  warning_thresholds: string[];
}

export const ORGANIZATION_FIELDS: readonly string[] = [...SCOPE_FIELDS, 'warning_thresholds'];

export const organizationValuesOf = (organization: Organization): OrganizationFormValues => ({
  ...scopeValuesOf(organization),
  warning_thresholds: organization.warning_thresholds.map(String),
});

/** Thresholds rise, in whatever order they were written. */
export const organizationBodyOf = (values: OrganizationFormValues) => ({
  ...scopeBodyOf(values),
  warning_thresholds: values.warning_thresholds.map(Number).sort((a, b) => a - b),
});
