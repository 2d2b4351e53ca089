import type { Limits } from '@tollgate/contracts/limits';
import type { Fact } from '../scope/fact.ts';
import type { Limited } from '../scope/settings.ts';

/** What an administrator may change of the organization. */
export interface OrganizationSettings {
  readonly name: string;
  readonly limits: Limits;
  /** Percents of a limit at which a warning is due, rising. */
  readonly warning_thresholds: readonly number[];
}

/** A deployment began; its organization is there from then on. */
export type OrganizationFounded = Fact<'OrganizationFounded', OrganizationSettings & { readonly id: string }>;
/** Carries the settings that changed, with their new values; limits always whole. */
export type OrganizationUpdated = Fact<'OrganizationUpdated', Partial<OrganizationSettings>>;
export type OrganizationReset = Fact<'OrganizationReset', { readonly reason: string | null }>;

/** A database restored from a backup took over from the topic what it had lost. */
export type OrganizationRestored = Fact<
  'OrganizationRestored',
  OrganizationSettings &
    Limited & {
      readonly id: string;
      readonly version: number;
    }
>;

export type OrganizationEvent =
  | OrganizationFounded
  | OrganizationUpdated
  | OrganizationReset
  | OrganizationRestored;
