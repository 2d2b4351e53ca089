import type { UsageRecorded } from '@tollgate/contracts/events';
import type { Quarantined } from '@tollgate/contracts/operations-http';
import type { Sql } from '@tollgate/service-kit/postgres';

/** A record in quarantine, and where in the topic it was. */
export interface Held {
  readonly record: UsageRecorded;
  readonly partition: number;
  readonly offset: bigint;
}

const TAKE = `
  DELETE FROM usage_quarantine WHERE id = ANY($1) AND reason <> 'malformed'
  RETURNING record, partition, record_offset`;

/** Takes records out of the quarantine, in the caller's transaction; malformed ones stay. */
export async function takeQuarantined(sql: Sql, ids: readonly string[]): Promise<Held[]> {
  const [rows]: [{ record: UsageRecorded; partition: number; record_offset: string }[]] = await sql.query(
    TAKE,
    [ids],
  );
  return rows.map(({ record, partition, record_offset }) => ({
    record,
    partition,
    offset: BigInt(record_offset),
  }));
}

const LIST = `
  SELECT id, admitted_at_ms, reason, quarantined_at, record FROM usage_quarantine
  WHERE $2::text[] IS NULL OR id = ANY($2) ORDER BY quarantined_at, id LIMIT $1`;

/** Records in quarantine, oldest first: all, or those with these ids. */
export async function listQuarantined(
  sql: Sql,
  limit: number,
  ids: readonly string[] | null = null,
): Promise<Quarantined[]> {
  const rows: RawQuarantined[] = await sql.query(LIST, [limit, ids]);
  return rows.map(({ admitted_at_ms, quarantined_at, ...rest }) => ({
    ...rest,
    admitted_at: new Date(Number(admitted_at_ms)).toISOString(),
    quarantined_at: quarantined_at.toISOString(),
  }));
}

interface RawQuarantined extends Pick<Quarantined, 'id' | 'reason' | 'record'> {
  readonly admitted_at_ms: string;
  readonly quarantined_at: Date;
}

export async function countQuarantined(sql: Sql): Promise<number> {
  const [row] = await sql.query('SELECT count(*)::int AS total FROM usage_quarantine');
  return row.total;
}
