import type { Sql } from '@tollgate/service-kit/postgres';
import type { AuditRow } from '../chain.ts';

/** Which entries are asked for; what is absent matters not. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const WHERE = `
  ($1::text is null or actor = $1)
  and ($2::text is null or action = $2)
  and ($3::text is null or target = $3)
  and ($4::timestamptz is null or at >= $4)
  and ($5::timestamptz is null or at < $5)
  and ($6::text is null or team_id = $6)`;

const NEWEST_FIRST = `
  select * from audit_log where ${WHERE} and ($7::bigint is null or sequence < $7)
  order by sequence desc limit $8`;

const OLDEST_FIRST = `
  select * from audit_log where ${WHERE} and sequence > $7
  order by sequence limit $8`;

const parameters = ({ actor, action, target, from, to }: AuditFilter, within: string | null) => [
  actor,
  action,
  target,
  from,
  to,
  within,
];

/** @param within the one team whose entries the caller may read */
export async function readNewest(
  sql: Sql,
  filter: AuditFilter,
  within: string | null,
  before: number | null,
  limit: number,
): Promise<AuditRow[]> {
  return (await sql.query(NEWEST_FIRST, [...parameters(filter, within), before, limit])).map(toRow);
}

export async function readOldest(
  sql: Sql,
  filter: AuditFilter,
  within: string | null,
  after: number,
  limit: number,
): Promise<AuditRow[]> {
  return (await sql.query(OLDEST_FIRST, [...parameters(filter, within), after, limit])).map(toRow);
}

/** A bigint comes as text. */
const toRow = (row: AuditRow): AuditRow => ({ ...row, sequence: Number(row.sequence) });
