import type { AdminKey, AdminRole } from '@tollgate/contracts/admin-keys-http';
import { shownPrefix } from '@tollgate/service-kit/tokens';

/** An admin key as its table has it. */
export interface AdminKeyRow {
  readonly id: string;
  readonly name: string;
  readonly role: AdminRole;
  readonly team_id: string | null;
  readonly digest: string;
  /** The version of the pepper that it is digested with. */
  readonly pepper: number;
  readonly last_four: string;
  readonly created_at: Date;
  readonly created_by: string;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

/**
 * An admin key as the API shows it.
 * @param names of its team and of who made it, where it is read
 */
export const toAdminKeyView = (row: AdminKeyRow, names?: ReadonlyMap<string, string>): AdminKey => ({
  id: row.id,
  name: row.name,
  role: row.role,
  team_id: row.team_id,
  prefix: shownPrefix('tga', row.id),
  last_four: row.last_four,
  created_at: row.created_at.toISOString(),
  created_by: row.created_by,
  team_name: names?.get(row.team_id ?? ''),
  created_by_name: names?.get(row.created_by),
  expires_at: row.expires_at?.toISOString() ?? null,
  last_used_at: row.last_used_at?.toISOString() ?? null,
  revoked_at: row.revoked_at?.toISOString() ?? null,
});
