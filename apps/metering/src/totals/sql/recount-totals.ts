import type { Period } from '@tollgate/domain/period';
import type { Sql } from '@tollgate/service-kit/postgres';
import { type RawTotals, TOTALS_COLUMNS, type TotalsRow, toTotalsRow } from '../totals-row.ts';

export interface Recount {
  readonly scopeId: string;
  readonly generation: number;
  readonly period: Period;
  readonly closed: boolean;
}

const RECOUNT = `
  INSERT INTO totals (scope_id, generation, period_id, period_start_ms, period_end_ms, closed, cost, tokens, requests)
  SELECT wanted.*, counted.*
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::boolean[])
    AS wanted (scope_id, generation, period_id, start_ms, end_ms, closed)
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.cost), 0) AS cost, coalesce(sum(l.tokens_total), 0) AS tokens, count(*) AS requests
    FROM usage_ledger l
    WHERE l.key_id = wanted.scope_id AND l.generation_key = wanted.generation
      AND l.admitted_at >= coalesce(to_timestamp(wanted.start_ms / 1000.0), '-infinity')
      AND l.admitted_at < coalesce(to_timestamp(wanted.end_ms / 1000.0), 'infinity')
  ) AS counted
  WHERE counted.requests > 0
  ON CONFLICT (scope_id, generation, period_id) DO UPDATE SET
    period_start_ms = excluded.period_start_ms, period_end_ms = excluded.period_end_ms,
    closed = excluded.closed, cost = excluded.cost, tokens = excluded.tokens, requests = excluded.requests
  RETURNING ${TOTALS_COLUMNS}`;

/** Sets totals of keys, whose rows the caller has locked, to what the ledger says. */
export async function recountTotals(sql: Sql, wanted: readonly Recount[]): Promise<TotalsRow[]> {
  if (wanted.length === 0) return [];
  const rows: RawTotals[] = await sql.query(RECOUNT, [
    wanted.map(({ scopeId }) => scopeId),
    wanted.map(({ generation }) => generation),
    wanted.map(({ period }) => period.id),
    wanted.map(({ period }) => period.startMs),
    wanted.map(({ period }) => period.endMs),
    wanted.map(({ closed }) => closed),
  ]);
  return rows.map(toTotalsRow);
}

const DROP_OPEN = `
  DELETE FROM totals WHERE scope_id = $1 AND (period_end_ms IS NULL OR period_end_ms > $2)
  RETURNING generation`;

/** Drops a scope's totals of periods that have not ended, to be counted anew; returns their generations. */
export async function dropOpenTotals(sql: Sql, scopeId: string, nowMs: number): Promise<number[]> {
  const [rows]: [{ generation: string }[]] = await sql.query(DROP_OPEN, [scopeId, nowMs]);
  return [...new Set(rows.map(({ generation }) => Number(generation)))];
}
