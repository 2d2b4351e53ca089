import type { Sql } from '@tollgate/service-kit/postgres';
import { type RawTotals, TOTALS_COLUMNS, type TotalsRow, toTotalsRow } from '../totals-row.ts';

const TO_CLOSE = `
  SELECT DISTINCT scope_id FROM totals WHERE NOT closed AND period_end_ms <= $1 LIMIT $2`;

/** Scopes with totals of a period that ended and was not closed. */
export async function scopesToClose(sql: Sql, nowMs: number, limit: number): Promise<string[]> {
  const rows: { scope_id: string }[] = await sql.query(TO_CLOSE, [nowMs, limit]);
  return rows.map(({ scope_id }) => scope_id);
}

const CLOSE_ENDED = `
  UPDATE totals SET closed = true
  WHERE scope_id = ANY($1) AND NOT closed AND period_end_ms <= $2
  RETURNING ${TOTALS_COLUMNS}`;

/** Closes the ended periods of locked scopes and returns their totals, in order of their ends. */
export async function closeEnded(sql: Sql, scopeIds: readonly string[], nowMs: number): Promise<TotalsRow[]> {
  const [rows]: [RawTotals[]] = await sql.query(CLOSE_ENDED, [scopeIds, nowMs]);
  return rows.map(toTotalsRow).sort((a, b) => a.period.endMs! - b.period.endMs!);
}

const CLOSE_GENERATIONS = `
  UPDATE totals SET closed = true
  WHERE scope_id = $1 AND NOT closed AND generation < $2 AND (period_end_ms IS NULL OR period_end_ms > $3)
  RETURNING ${TOTALS_COLUMNS}`;

/** Closes what a locked scope used in generations before `generation` within periods that go on. */
export async function closeGenerations(
  sql: Sql,
  scopeId: string,
  generation: number,
  nowMs: number,
): Promise<TotalsRow[]> {
  const [rows]: [RawTotals[]] = await sql.query(CLOSE_GENERATIONS, [scopeId, generation, nowMs]);
  return rows.map(toTotalsRow).sort((a, b) => a.generation - b.generation);
}
