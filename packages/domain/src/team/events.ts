import type { Limits } from '@tollgate/contracts/limits';
import type { Fact } from '../scope/fact.ts';

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

export type TeamEvent = TeamCreated | TeamUpdated | TeamReset | TeamDeleted;
