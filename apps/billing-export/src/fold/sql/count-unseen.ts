import { clockFault } from '@tollgate/domain/record-clock';
import type { Sql } from '@tollgate/service-kit/postgres';
import type { Entry } from '../entry.ts';
import { byKind } from './append-seen.ts';

const UNSEEN = (table: string) => `
  SELECT count(*)::int AS missing
  FROM unnest($1::text[], $2::double precision[]) AS entry (id, admitted_at_ms)
  WHERE NOT EXISTS (
    SELECT FROM ${table} s WHERE s.id = entry.id AND s.admitted_at = to_timestamp(entry.admitted_at_ms / 1000))
  AND NOT EXISTS (
    SELECT FROM billing.refused_records r
    WHERE r.id = entry.id AND r.admitted_at = to_timestamp(entry.admitted_at_ms / 1000))`;

/** How many of the entries were neither counted nor refused, of those that would still be remembered. */
export async function countUnseen(sql: Sql, entries: readonly Entry[], nowMs: number): Promise<number> {
  const [usage, adjustments] = byKind(entries);
  const remembered = usage.filter(({ fact }) => clockFault(fact.admittedAtMs, nowMs) !== 'behind');
  return (
    (await count(sql, 'billing.seen_usage', remembered)) +
    (await count(sql, 'billing.seen_adjustments', adjustments))
  );
}

async function count(sql: Sql, table: string, entries: readonly Entry[]): Promise<number> {
  if (entries.length === 0) return 0;
  const [row] = await sql.query(UNSEEN(table), [
    entries.map(({ id }) => id),
    entries.map(({ fact }) => fact.admittedAtMs),
  ]);
  return row.missing;
}
