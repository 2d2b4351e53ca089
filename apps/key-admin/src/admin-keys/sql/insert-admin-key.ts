import type { Sql } from '@tollgate/service-kit/postgres';
import type { AdminKeyRow } from '../admin-key-row.ts';

const INSERT = `
  insert into admin_keys (id, name, role, team_id, digest, pepper, last_four, created_at, created_by, expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

export async function insertAdminKey(sql: Sql, row: AdminKeyRow): Promise<void> {
  const { id, name, role, team_id, digest, pepper, last_four, created_at, created_by, expires_at } = row;
  await sql.query(INSERT, [
    id,
    name,
    role,
    team_id,
    digest,
    pepper,
    last_four,
    created_at,
    created_by,
    expires_at,
  ]);
}
