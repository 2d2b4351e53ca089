import type { Amounts } from '@tollgate/domain/allowance/book';
import type { ScopeRef } from '@tollgate/domain/metering/fold';
import { newId } from '@tollgate/service-kit/ids';
import type { Sql } from '@tollgate/service-kit/postgres';

/** What one scope is charged, or given back, for an allowance that was lost. */
export interface Charge extends ScopeRef {
  readonly allowanceId: string;
  readonly generation: number;
  /** Decides the period, as of a usage record. */
  readonly atMs: number;
  readonly amounts: Amounts;
  readonly reason: string;
}

const APPEND = `
  INSERT INTO usage_ledger (id, kind, admitted_at, settled_at, key_id, team_id, generation_key, generation_team,
    generation_organization, gateway, gateway_sequence, endpoint, provider, model, upstream_model, status, streamed,
    tokens_input, tokens_cached_input, tokens_cache_write, tokens_output, tokens_reasoning, tokens_total, quality, cost,
    latency_ms, metadata, requests, reason)
  SELECT id, 'lost', to_timestamp(at_ms / 1000), to_timestamp(at_ms / 1000), key_id, team_id, generation, generation,
    generation, '', 0, '', '', '', '', 'lost', false, 0, 0, 0, 0, 0, tokens, 'estimated', cost, 0,
    jsonb_build_object('allowance', allowance_id), 0, reason
  FROM unnest($1::text[], $2::double precision[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::numeric[],
    $8::text[], $9::text[]) AS charge (id, at_ms, key_id, team_id, generation, tokens, cost, allowance_id, reason)`;

/** A charge names its scope alone, so that it counts on no other. */
export async function appendCharges(sql: Sql, charges: readonly Charge[]): Promise<void> {
  const column = (value: (charge: Charge) => unknown) => charges.map(value);
  await sql.query(APPEND, [
    column(() => newId('adj')),
    column(({ atMs }) => atMs),
    column(({ scope, scopeId }) => (scope === 'key' ? scopeId : '')),
    column(({ scope, scopeId }) => (scope === 'team' ? scopeId : '')),
    column(({ generation }) => generation),
    column(({ amounts }) => amounts.tokens.toString()),
    column(({ amounts }) => amounts.cost.toString()),
    column(({ allowanceId }) => allowanceId),
    column(({ reason }) => reason),
  ]);
}
