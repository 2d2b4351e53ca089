import type { ScopeKind } from '@tollgate/contracts/limits';

/** A charge counts on one scope alone; what names neither key nor team is the organization's. */
export const OF_ORGANIZATION = `(kind <> 'lost' OR key_id = '' AND team_id = '')`;

const CONDITION: Record<ScopeKind, string> = {
  key: 'key_id = $1',
  team: 'team_id = $1',
  // Everything is the organization's, but for charges to others.
  organization: `$1::text IS NOT NULL AND ${OF_ORGANIZATION}`,
};

/** The condition of the ledger's records of a scope, whose id is `$1`. */
export const ofScope = (scope: ScopeKind): string => CONDITION[scope];
