import type { AdminRole } from '@tollgate/contracts/admin-keys-http';

/** A role by its name, and what it may do; each may all that the one before may. */
export const ROLE_WORDS: Record<AdminRole, readonly [title: string, about: string]> = {
  viewer: ['Viewer', 'Sees keys, teams and usage, and changes nothing.'],
  admin: ['Admin', 'Also makes and changes keys and teams, and reads the audit log.'],
  owner: ['Owner', 'Also changes the organization, its webhooks and admin keys.'],
};

/** The same where an admin key acts in one team. */
export const ROLE_IN_TEAM: Record<AdminRole, string> = {
  viewer: 'Sees the team, its keys and their usage, and changes nothing.',
  admin: 'Also makes and changes keys of the team, and reads what was done in it.',
  owner: 'Also makes and revokes admin keys of the team.',
};
