import type { Sql } from '@tollgate/service-kit/postgres';
import type { QuarantineReason, UsageEntry } from '../usage-entry.ts';

const QUARANTINE = `
  INSERT INTO usage_quarantine (id, admitted_at_ms, reason, partition, record_offset, quarantined_at, record)
  SELECT id, admitted_at_ms, reason, partition, record_offset, to_timestamp($5::bigint / 1000.0), record
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::integer[], $6::bigint[], $7::jsonb[])
    AS entry (id, admitted_at_ms, reason, partition, record_offset, record)
  ON CONFLICT (id, admitted_at_ms) DO NOTHING`;

/** Keeps records that may not be counted, whole, for an operator to judge. */
export async function quarantine(
  sql: Sql,
  entries: readonly { entry: UsageEntry; reason: QuarantineReason }[],
  nowMs: number,
): Promise<void> {
  if (entries.length === 0) return;
  await sql.query(QUARANTINE, [
    entries.map(({ entry }) => entry.record.id),
    entries.map(({ entry }) => entry.fact.admittedAtMs),
    entries.map(({ reason }) => reason),
    entries.map(({ entry }) => entry.partition),
    nowMs,
    entries.map(({ entry }) => entry.offset.toString()),
    entries.map(({ entry }) => JSON.stringify(entry.record)),
  ]);
}
