import type { Sql } from '@tollgate/service-kit/postgres';
import type { AdminKeyRow } from '../admin-key-row.ts';

const LIST = `
  select * from admin_keys
  where ($1::text is null or team_id = $1)
    and ($2::text is null or team_id = $2)
    and ($3 or revoked_at is null)
    and ($4::text is null or id < $4)
  order by id desc
  limit $5`;

export interface Wanted {
  readonly team_id: string | undefined;
  /** The one team that the caller acts in. */
  readonly within: string | null;
  readonly revoked: boolean;
  /** The id of the last one seen. */
  readonly after: string | null;
  readonly limit: number;
}

/** Newest first; ids are in the order of time. */
export const listAdminKeys = (
  sql: Sql,
  { team_id, within, revoked, after, limit }: Wanted,
): Promise<AdminKeyRow[]> => sql.query(LIST, [team_id ?? null, within, revoked, after, limit]);
