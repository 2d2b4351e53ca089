import type { UsageAdjusted } from '@tollgate/contracts/events';
import { parseUsd } from '@tollgate/contracts/money';
import type { Sql } from '@tollgate/service-kit/postgres';

/** A correction has no attempt behind it: what only attempts have is empty, and its tokens are in the total alone. */
const APPEND = `
  INSERT INTO usage_ledger (id, kind, admitted_at, settled_at, recorded_at, key_id, team_id, generation_key,
    generation_team, generation_organization, gateway, gateway_sequence, endpoint, provider, model, upstream_model,
    status, streamed, tokens_input, tokens_cached_input, tokens_cache_write, tokens_output, tokens_reasoning,
    tokens_total, quality, cost, price_version, latency_ms, metadata, requests, adjusts, reason)
  SELECT id, kind, admitted_at, recorded_at, recorded_at, key_id, team_id, generation_key, generation_team,
    generation_organization, '', 0, '', provider, model, '', 'corrected', false, 0, 0, 0, 0, 0, tokens, 'exact',
    cost, price_version, 0, jsonb_build_object('actor', actor), 0, adjusts, reason
  FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::bigint[],
    $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::bigint[], $13::numeric[], $14::text[], $15::text[],
    $16::text[], $17::text[]) AS correction (id, kind, admitted_at, recorded_at, key_id, team_id, generation_key,
    generation_team, generation_organization, provider, model, tokens, cost, price_version, adjusts, reason, actor)
  WHERE NOT EXISTS (SELECT FROM usage_ledger WHERE usage_ledger.id = correction.id)
  ON CONFLICT (id, admitted_at) DO NOTHING
  RETURNING id`;

/** Appends the corrections that the ledger does not have, and returns those. */
export async function appendCorrections(
  sql: Sql,
  corrections: readonly UsageAdjusted[],
): Promise<UsageAdjusted[]> {
  const column = (value: (correction: UsageAdjusted) => unknown) => corrections.map(value);
  const rows: { id: string }[] = await sql.query(APPEND, [
    column(({ id }) => id),
    column(({ kind }) => kind),
    column(({ admitted_at }) => admitted_at),
    column(({ recorded_at }) => recorded_at),
    column(({ key_id }) => key_id),
    column(({ team_id }) => team_id),
    column(({ generations }) => generations.key),
    column(({ generations }) => generations.team),
    column(({ generations }) => generations.organization),
    column(({ provider }) => provider),
    column(({ model }) => model),
    column(({ tokens }) => tokens),
    column(({ cost_usd }) => parseUsd(cost_usd).toString()),
    column(({ price_version }) => price_version),
    column(({ adjusts }) => adjusts),
    column(({ reason }) => reason),
    column(({ actor }) => actor),
  ]);
  const appended = new Set(rows.map(({ id }) => id));
  return corrections.filter(({ id }) => appended.has(id));
}
