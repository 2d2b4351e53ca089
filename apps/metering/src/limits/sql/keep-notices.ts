import type { Sql } from '@tollgate/service-kit/postgres';
import type { Notice } from '../notice.ts';

const KEEP = `
  INSERT INTO limit_history (id, scope_id, at, kind, period_id, generation, dimension, threshold,
    cost, tokens, requests, reason)
  SELECT id, scope_id, to_timestamp($2::bigint / 1000.0), kind, period_id, generation, dimension, threshold,
    cost, tokens, requests, reason
  FROM unnest($1::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::integer[],
    $9::numeric[], $10::numeric[], $11::bigint[], $12::text[])
    AS notice (id, scope_id, kind, period_id, generation, dimension, threshold, cost, tokens, requests, reason)
  ON CONFLICT (id) DO NOTHING
  RETURNING id`;

/** Keeps notices in the history and returns those that were not there yet: each is told once. */
export async function keepNotices(sql: Sql, notices: readonly Notice[], nowMs: number): Promise<Notice[]> {
  if (notices.length === 0) return [];
  const rows: { id: string }[] = await sql.query(KEEP, [
    notices.map(({ id }) => id),
    nowMs,
    notices.map(({ meter }) => meter.scopeId),
    notices.map(({ kind }) => kind),
    notices.map(({ meter }) => meter.period.id),
    notices.map(({ meter }) => meter.generation),
    notices.map(({ dimension }) => dimension),
    notices.map(({ threshold }) => threshold),
    notices.map(({ meter }) => meter.used.cost.toString()),
    notices.map(({ meter }) => meter.used.tokens.toString()),
    notices.map(({ meter }) => meter.used.requests.toString()),
    notices.map(({ reason }) => reason),
  ]);
  const kept = new Set(rows.map(({ id }) => id));
  return notices.filter(({ id }) => kept.delete(id));
}
