import type { Sql } from '@tollgate/service-kit/postgres';
import { type Entry, identity } from '../entry.ts';

const APPEND_USAGE = `
  INSERT INTO billing.seen_usage (id, admitted_at)
  SELECT id, to_timestamp(admitted_at_ms / 1000) FROM unnest($1::text[], $2::double precision[])
    AS entry (id, admitted_at_ms)
  ON CONFLICT DO NOTHING RETURNING id, (extract(epoch FROM admitted_at) * 1000)::bigint AS admitted_at_ms`;
const APPEND_ADJUSTMENTS = `
  INSERT INTO billing.seen_adjustments (id, admitted_at, seen_at)
  SELECT id, to_timestamp(admitted_at_ms / 1000), to_timestamp($3::double precision / 1000)
  FROM unnest($1::text[], $2::double precision[]) AS entry (id, admitted_at_ms)
  ON CONFLICT DO NOTHING RETURNING id, (extract(epoch FROM admitted_at) * 1000)::bigint AS admitted_at_ms`;

/** Notes entries as counted, and returns those that were not yet: the first of each. */
export async function appendSeen(sql: Sql, entries: readonly Entry[], nowMs: number): Promise<Entry[]> {
  const [usage, adjustments] = byKind(entries);
  const fresh = new Set<string>();
  const append = async (query: string, some: readonly Entry[], ...more: unknown[]) => {
    if (some.length === 0) return;
    const rows: { id: string; admitted_at_ms: string }[] = await sql.query(query, [
      some.map(({ id }) => id),
      some.map(({ fact }) => fact.admittedAtMs),
      ...more,
    ]);
    for (const { id, admitted_at_ms } of rows) fresh.add(`${id} ${admitted_at_ms}`);
  };
  await append(APPEND_USAGE, usage);
  const counted = usage.filter((entry) => fresh.delete(identity(entry)));
  fresh.clear();
  await append(APPEND_ADJUSTMENTS, adjustments, nowMs);
  return [...counted, ...adjustments.filter((entry) => fresh.delete(identity(entry)))];
}

export const byKind = (entries: readonly Entry[]): [usage: Entry[], adjustments: Entry[]] => [
  entries.filter(({ fact }) => fact.line.kind === 'usage'),
  entries.filter(({ fact }) => fact.line.kind === 'adjustment'),
];
