import type { AdminRole, Me } from '@tollgate/contracts/admin-keys-http';
import { ADMIN_ROLES } from '@tollgate/contracts/admin-keys-http';

/** An admin key that a call came with, and what it may do. */
export type Admin = Omit<Me, 'gateway_url'>;

/** Who asks, and from where. */
export interface Caller extends Admin {
  /** `null` where it is the service itself. */
  readonly address: string | null;
}

/** The service, for what it does by itself when it starts. */
export const SYSTEM: Caller = {
  id: 'system',
  name: 'system',
  prefix: '',
  role: 'owner',
  team_id: null,
  address: null,
};

/** Whether a role may all that another may. */
export const isAtLeast = (role: AdminRole, needed: AdminRole): boolean =>
  ADMIN_ROLES.indexOf(role) >= ADMIN_ROLES.indexOf(needed);
