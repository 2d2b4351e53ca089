import type { ItemDelta } from '@tollgate/domain/billing/line-items';
import type { Sql } from '@tollgate/service-kit/postgres';

/** What is added up, and where it is in a delta. */
const SUMS = {
  requests: ({ added }: ItemDelta) => added.requests,
  unpriced_requests: ({ added }: ItemDelta) => added.unpriced,
  tokens_input: ({ added }: ItemDelta) => added.tokens.input,
  tokens_cached_input: ({ added }: ItemDelta) => added.tokens.cachedInput,
  tokens_cache_write: ({ added }: ItemDelta) => added.tokens.cacheWrite,
  tokens_output: ({ added }: ItemDelta) => added.tokens.output,
  tokens_reasoning: ({ added }: ItemDelta) => added.tokens.reasoning,
  tokens_total: ({ added }: ItemDelta) => added.tokens.total,
  cost: ({ added }: ItemDelta) => added.cost,
};
const names = Object.keys(SUMS);

/** Rows are locked in one order, so that two consumers never wait for one another. */
const ADD = `
  INSERT INTO billing.line_items AS i
    (hour, team_id, key_id, provider, model, kind, ${names.join(', ')}, revision, updated_at)
  SELECT to_timestamp(hour_ms / 1000), team_id, key_id, provider, model, kind, ${names.join(', ')}, 1,
    to_timestamp($7::double precision / 1000)
  FROM unnest($1::double precision[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    ${names.map((_, i) => `$${i + 8}::numeric[]`).join(', ')})
    AS delta (hour_ms, team_id, key_id, provider, model, kind, ${names.join(', ')})
  ORDER BY 1, team_id COLLATE "C", key_id COLLATE "C", provider COLLATE "C", model COLLATE "C", kind COLLATE "C"
  ON CONFLICT (hour, team_id, key_id, provider, model, kind) DO UPDATE SET
    ${names.map((name) => `${name} = i.${name} + excluded.${name}`).join(', ')},
    revision = i.revision + 1, updated_at = greatest(i.updated_at, excluded.updated_at)`;

/** Adds deltas to their line items, each of which is then a revision further. */
export async function addItems(sql: Sql, deltas: readonly ItemDelta[], nowMs: number): Promise<void> {
  if (deltas.length === 0) return;
  await sql.query(ADD, [
    deltas.map(({ hourMs }) => hourMs),
    deltas.map(({ line }) => line.teamId),
    deltas.map(({ line }) => line.keyId),
    deltas.map(({ line }) => line.provider),
    deltas.map(({ line }) => line.model),
    deltas.map(({ line }) => line.kind),
    nowMs,
    ...Object.values(SUMS).map((sum) => deltas.map((delta) => sum(delta).toString())),
  ]);
}
