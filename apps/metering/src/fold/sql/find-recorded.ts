import type { Sql } from '@tollgate/service-kit/postgres';
import type { UsageEntry } from '../usage-entry.ts';

const UNRECORDED = `
  SELECT count(*)::int AS missing
  FROM unnest($1::text[], $2::bigint[]) AS entry (id, admitted_at_ms)
  WHERE NOT EXISTS (
    SELECT FROM usage_ledger l
    WHERE l.id = entry.id AND l.admitted_at = to_timestamp(entry.admitted_at_ms / 1000.0))
  AND NOT EXISTS (
    SELECT FROM usage_quarantine q WHERE q.id = entry.id AND q.admitted_at_ms = entry.admitted_at_ms)`;

/** How many of the entries are neither in the ledger nor in quarantine. */
export async function countUnrecorded(sql: Sql, entries: readonly UsageEntry[]): Promise<number> {
  if (entries.length === 0) return 0;
  const [row] = await sql.query(UNRECORDED, [
    entries.map(({ record }) => record.id),
    entries.map(({ fact }) => fact.admittedAtMs),
  ]);
  return row.missing;
}

const CONFLICTING = `
  SELECT l.id
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::numeric[], $8::text[])
    AS entry (id, admitted_at_ms, key_id, team_id, generation_key, tokens_total, cost, status)
  JOIN usage_ledger l ON l.id = entry.id AND l.admitted_at = to_timestamp(entry.admitted_at_ms / 1000.0)
  WHERE (l.key_id, l.team_id, l.generation_key, l.tokens_total, l.cost, l.status)
    IS DISTINCT FROM
    (entry.key_id, entry.team_id, entry.generation_key, entry.tokens_total, entry.cost, entry.status)`;

/** Ids among the duplicates that tell of other usage than the ledger has under the same id. */
export async function findConflicting(sql: Sql, duplicates: readonly UsageEntry[]): Promise<string[]> {
  if (duplicates.length === 0) return [];
  const rows: { id: string }[] = await sql.query(CONFLICTING, [
    duplicates.map(({ record }) => record.id),
    duplicates.map(({ fact }) => fact.admittedAtMs),
    duplicates.map(({ record }) => record.key_id),
    duplicates.map(({ record }) => record.team_id),
    duplicates.map(({ record }) => record.generations.key),
    duplicates.map(({ record }) => record.tokens.total),
    duplicates.map(({ fact }) => fact.cost?.toString() ?? null),
    duplicates.map(({ record }) => record.status),
  ]);
  return rows.map(({ id }) => id);
}
