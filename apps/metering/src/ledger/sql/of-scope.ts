import type { ScopeKind } from '@tollgate/contracts/limits';

const CONDITION: Record<ScopeKind, string> = {
  key: 'key_id = $1',
  team: 'team_id = $1',
  // Everything is the organization's.
  organization: '$1::text IS NOT NULL',
};

/** The condition of the ledger's records of a scope, whose id is `$1`. */
export const ofScope = (scope: ScopeKind): string => CONDITION[scope];
