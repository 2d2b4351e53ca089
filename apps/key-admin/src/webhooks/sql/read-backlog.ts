import type { Sql } from '@tollgate/service-kit/postgres';

export interface Backlog {
  readonly pending: number;
  readonly oldest: Date | null;
}

const READ = `
  select count(*)::int as pending, min(created_at) as oldest from webhook_deliveries where state = 'pending'`;

export async function readBacklog(sql: Sql): Promise<Backlog> {
  const [row] = await sql.query(READ);
  return row;
}
