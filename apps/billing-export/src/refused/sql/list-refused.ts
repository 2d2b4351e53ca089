import type { RefusedRecord } from '@tollgate/contracts/billing-http';
import type { Sql } from '@tollgate/service-kit/postgres';

const LIST = `
  SELECT id, kind, admitted_at, reason, refused_at, record FROM billing.refused_records
  WHERE released_at IS NULL AND ($2::text[] IS NULL OR id = ANY($2)) ORDER BY refused_at, id LIMIT $1`;

/** Records that were put aside and not released, oldest first: all, or those with these ids. */
export async function listRefused(
  sql: Sql,
  limit: number,
  ids: readonly string[] | null = null,
): Promise<RefusedRecord[]> {
  const rows: (Omit<RefusedRecord, 'admitted_at' | 'refused_at'> & {
    admitted_at: Date;
    refused_at: Date;
  })[] = await sql.query(LIST, [limit, ids]);
  return rows.map((row) => ({
    ...row,
    admitted_at: row.admitted_at.toISOString(),
    refused_at: row.refused_at.toISOString(),
  }));
}

export async function countRefused(sql: Sql): Promise<number> {
  const [row] = await sql.query(
    'SELECT count(*)::int AS total FROM billing.refused_records WHERE released_at IS NULL',
  );
  return row.total;
}
