import type { Sql } from '@tollgate/service-kit/postgres';
import type { AllowanceRow, ShareRow } from '../allowance-row.ts';

const SAVE = `
  INSERT INTO allowances AS a (id, scope_id, instance, incarnation, period_id, period_start_ms, period_end_ms,
    generation, granted_cost, granted_tokens, busy_cost, busy_tokens, folded_cost, folded_tokens, charged_cost,
    charged_tokens, state, heard_at_ms, granted_revision)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::numeric[], $10::numeric[], $11::numeric[], $12::numeric[], $13::numeric[], $14::numeric[],
    $15::numeric[], $16::numeric[], $17::text[], $18::bigint[], $19::bigint[])
  ON CONFLICT (id) DO UPDATE SET
    granted_cost = excluded.granted_cost, granted_tokens = excluded.granted_tokens,
    busy_cost = excluded.busy_cost, busy_tokens = excluded.busy_tokens,
    folded_cost = excluded.folded_cost, folded_tokens = excluded.folded_tokens,
    charged_cost = excluded.charged_cost, charged_tokens = excluded.charged_tokens,
    state = excluded.state, heard_at_ms = excluded.heard_at_ms,
    granted_revision = greatest(a.granted_revision, excluded.granted_revision)`;

/** @param revision the limits under which one was granted more just now; 0 where it was not */
export async function saveAllowances(
  sql: Sql,
  rows: readonly (AllowanceRow & { readonly revision?: number })[],
): Promise<void> {
  if (rows.length === 0) return;
  const column = (value: (row: AllowanceRow & { readonly revision?: number }) => unknown) => rows.map(value);
  await sql.query(SAVE, [
    column(({ id }) => id),
    column(({ scopeId }) => scopeId),
    column(({ holder }) => holder.instance),
    column(({ holder }) => holder.incarnation),
    column(({ period }) => period.id),
    column(({ period }) => period.startMs),
    column(({ period }) => period.endMs),
    column(({ generation }) => generation),
    column(({ granted }) => granted.cost.toString()),
    column(({ granted }) => granted.tokens.toString()),
    column(({ busy }) => busy.cost.toString()),
    column(({ busy }) => busy.tokens.toString()),
    column(({ folded }) => folded.cost.toString()),
    column(({ folded }) => folded.tokens.toString()),
    column(({ charged }) => charged.cost.toString()),
    column(({ charged }) => charged.tokens.toString()),
    column(({ state }) => state),
    column(({ heardMs }) => heardMs),
    column(({ revision = 0 }) => revision),
  ]);
}

const SAVE_SHARES = `
  INSERT INTO window_shares (scope_id, instance, incarnation, size, uses, heard_at_ms, expires_at_ms)
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::integer[], $5::integer[], $6::bigint[], $7::bigint[])
  ON CONFLICT (scope_id, instance, incarnation) DO UPDATE SET
    size = excluded.size, uses = excluded.uses, heard_at_ms = excluded.heard_at_ms,
    expires_at_ms = excluded.expires_at_ms`;

export async function saveShares(sql: Sql, rows: readonly ShareRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql.query(SAVE_SHARES, [
    rows.map(({ scopeId }) => scopeId),
    rows.map(({ holder }) => holder.instance),
    rows.map(({ holder }) => holder.incarnation),
    rows.map(({ size }) => size),
    rows.map(({ uses }) => uses),
    rows.map(({ heardMs }) => heardMs),
    rows.map(({ expiresMs }) => expiresMs),
  ]);
}
