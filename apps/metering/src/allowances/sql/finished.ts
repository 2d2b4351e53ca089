import type { Sql } from '@tollgate/service-kit/postgres';

const NOTE = `
  INSERT INTO allowance_holders AS known (instance, incarnation, call, heard_at_ms, finished_before, finished_through)
  VALUES ($1, $2, 0, $4, $2, $3)
  ON CONFLICT (instance) DO UPDATE
  SET incarnation = excluded.incarnation,
    call = CASE WHEN known.incarnation = excluded.incarnation THEN known.call ELSE 0 END,
    heard_at_ms = excluded.heard_at_ms, finished_before = excluded.finished_before,
    finished_through = excluded.finished_through
  WHERE excluded.incarnation >= known.incarnation
  RETURNING instance`;

/**
 * Notes that incarnations before one have ended, and how far their records go. From then on no call of theirs is heard.
 * @returns `false` where a later incarnation was heard
 */
export async function noteFinished(
  sql: Sql,
  instance: string,
  before: number,
  through: Readonly<Record<string, string>>,
  nowMs: number,
): Promise<boolean> {
  const rows: unknown[] = await sql.query(NOTE, [instance, before, through, nowMs]);
  return rows.length > 0;
}

/** Former incarnations of which everything was counted. */
export interface Finished {
  readonly instance: string;
  readonly before: number;
}

const READ = `
  SELECT instance, finished_before FROM allowance_holders
  WHERE finished_through IS NOT NULL AND NOT EXISTS (
    SELECT FROM jsonb_each_text(finished_through) AS wanted (partition, next_offset)
    WHERE wanted.next_offset::bigint > coalesce(
      (SELECT o.next_offset FROM usage_offsets o WHERE o.partition = wanted.partition::integer), 0))`;

export async function readFinished(sql: Sql): Promise<Finished[]> {
  const rows: { instance: string; finished_before: string }[] = await sql.query(READ);
  return rows.map(({ instance, finished_before }) => ({ instance, before: Number(finished_before) }));
}

const SCOPES = `
  SELECT scope_id FROM allowances WHERE instance = $1 AND incarnation < $2
    AND (state = 'held' OR charged_cost > 0 OR charged_tokens > 0 OR granted_cost > folded_cost
      OR granted_tokens > folded_tokens)
  UNION SELECT scope_id FROM window_shares WHERE instance = $1 AND incarnation < $2 AND expires_at_ms > $4
  LIMIT $3`;

/** Scopes of which former incarnations have anything. */
export async function scopesOfFinished(
  sql: Sql,
  { instance, before }: Finished,
  nowMs: number,
  most: number,
): Promise<string[]> {
  const rows: { scope_id: string }[] = await sql.query(SCOPES, [instance, before, most, nowMs]);
  return rows.map(({ scope_id }) => scope_id);
}

const DONE = `
  UPDATE allowance_holders SET finished_through = NULL WHERE instance = $1 AND finished_before = $2`;

export async function forgetFinished(sql: Sql, { instance, before }: Finished): Promise<void> {
  await sql.query(DONE, [instance, before]);
}

/**
 * What ended processes had is no longer freed by their positions, which were on a topic that is no more; it is when
 * their successors start again and tell of new ones.
 */
export async function forgetPositions(sql: Sql): Promise<void> {
  await sql.query('UPDATE allowance_holders SET finished_through = NULL WHERE finished_through IS NOT NULL');
}
