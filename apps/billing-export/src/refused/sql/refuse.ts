import type { RefusalReason } from '@tollgate/contracts/billing-http';
import type { Sql } from '@tollgate/service-kit/postgres';
import type { Entry } from '../../fold/entry.ts';

const REFUSE = `
  INSERT INTO billing.refused_records (id, admitted_at, kind, reason, refused_at, record)
  SELECT id, to_timestamp(admitted_at_ms / 1000), kind, reason, to_timestamp($5::double precision / 1000), record
  FROM unnest($1::text[], $2::double precision[], $3::text[], $4::text[], $6::jsonb[])
    AS entry (id, admitted_at_ms, kind, reason, record)
  ON CONFLICT DO NOTHING`;

/** Keeps records that may not be billed, whole, for an operator to judge. */
export async function refuse(
  sql: Sql,
  refused: readonly { readonly entry: Entry; readonly reason: RefusalReason }[],
  nowMs: number,
): Promise<void> {
  if (refused.length === 0) return;
  await sql.query(REFUSE, [
    refused.map(({ entry }) => entry.id),
    refused.map(({ entry }) => entry.fact.admittedAtMs),
    refused.map(({ entry }) => ('kind' in entry.record ? entry.record.kind : 'usage')),
    refused.map(({ reason }) => reason),
    nowMs,
    refused.map(({ entry }) => storableJson(entry.record)),
  ]);
}

/** jsonb stores no NUL and no lone surrogates, which JSON writes as escapes. */
const storableJson = (value: unknown) =>
  JSON.stringify(value).replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi, '$1\ufffd');
