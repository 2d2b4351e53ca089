import type { Limits } from '@tollgate/contracts/limits';
import type { Fact } from '../scope/fact.ts';
import type { Limited } from '../scope/settings.ts';

/** What an administrator may change of a team. */
export interface TeamSettings {
  readonly name: string;
  readonly limits: Limits;
}

export type TeamCreated = Fact<'TeamCreated', TeamSettings & { readonly id: string }>;
/** Carries the settings that changed, with their new values; limits always whole. */
export type TeamUpdated = Fact<'TeamUpdated', Partial<TeamSettings>>;
export type TeamReset = Fact<'TeamReset', { readonly reason: string | null }>;
export type TeamDeleted = Fact<'TeamDeleted', Readonly<Record<never, never>>>;

/** A database restored from a backup took over from the topic what it had lost. */
export type TeamRestored = Fact<
  'TeamRestored',
  TeamSettings &
    Limited & {
      readonly id: string;
      readonly created_at: string;
      readonly created_by: string;
      readonly deleted_at: string | null;
      readonly version: number;
    }
>;

export type TeamEvent = TeamCreated | TeamUpdated | TeamReset | TeamDeleted | TeamRestored;
