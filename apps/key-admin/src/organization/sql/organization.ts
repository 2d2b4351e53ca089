import type { OrganizationState } from '@tollgate/domain/organization/state';
import type { Sql } from '@tollgate/service-kit/postgres';

const SAVE = `
  insert into organization (id, version, state) values ($1, $2, $3)
  on conflict (id) do update set version = excluded.version, state = excluded.state`;

/** Writes the read model; the caller holds the lock on its stream. */
export async function saveOrganization(sql: Sql, organization: OrganizationState): Promise<void> {
  await sql.query(SAVE, [organization.id, organization.version, JSON.stringify(organization)]);
}

export async function findOrganization(sql: Sql): Promise<OrganizationState | null> {
  const [row] = await sql.query('select state from organization');
  return row?.state ?? null;
}
