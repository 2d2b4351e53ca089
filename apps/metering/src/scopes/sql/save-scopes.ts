import type { Sql } from '@tollgate/service-kit/postgres';
import type { ScopeRow } from '../scope-row.ts';
import { LOCK_ORDER } from './lock-scopes.ts';

const SAVE_PROGRESS = `
  UPDATE scopes SET
    sequence = p.sequence, last_used_ms = p.last_used_ms, publish_due_ms = p.publish_due_ms,
    published_period_id = p.period_id, published_generation = p.generation, published_revision = p.revision,
    published_cost = p.cost, published_tokens = p.tokens, published_requests = p.requests,
    published_at_ms = p.at_ms
  FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[],
    $8::numeric[], $9::numeric[], $10::bigint[], $11::bigint[])
    AS p (scope_id, sequence, last_used_ms, publish_due_ms, period_id, generation, revision,
      cost, tokens, requests, at_ms)
  WHERE scopes.scope_id = p.scope_id`;

/** Writes back how far locked scopes are used and published. */
export async function saveProgress(sql: Sql, scopes: readonly ScopeRow[]): Promise<void> {
  if (scopes.length === 0) return;
  const published = scopes.map((scope) => scope.published);
  await sql.query(SAVE_PROGRESS, [
    scopes.map((scope) => scope.scopeId),
    scopes.map((scope) => scope.sequence),
    scopes.map((scope) => scope.lastUsedMs),
    scopes.map((scope) => scope.publishDueMs),
    published.map((p) => p?.periodId ?? null),
    published.map((p) => p?.generation ?? null),
    published.map((p) => p?.limitRevision ?? null),
    published.map((p) => p?.used.cost.toString() ?? null),
    published.map((p) => p?.used.tokens.toString() ?? null),
    published.map((p) => p?.used.requests.toString() ?? null),
    published.map((p) => p?.atMs ?? null),
  ]);
}

const SAVE_SETTINGS = `
  UPDATE scopes SET
    version = $2, team_id = $3, reset_period = $4, timezone = $5, cost_limit = $6, token_limit = $7,
    limit_revision = $8, generation = $9, warning_thresholds = $10, request_limit = $11, is_hard = $12
  WHERE scope_id = $1`;

/** Writes what key-admin says of a locked scope. */
export async function saveSettings(sql: Sql, scope: ScopeRow): Promise<void> {
  await sql.query(SAVE_SETTINGS, [
    scope.scopeId,
    scope.version,
    scope.teamId,
    scope.resetPeriod,
    scope.timezone,
    scope.limits.cost?.toString() ?? null,
    scope.limits.tokens?.toString() ?? null,
    scope.limitRevision,
    scope.generation,
    scope.warningThresholds,
    scope.requestLimit,
    scope.isHard,
  ]);
}

const MARK_DUE = `
  WITH held AS (
    SELECT scope_id FROM scopes WHERE scope_id = ANY($1) ORDER BY ${LOCK_ORDER} FOR UPDATE
  )
  UPDATE scopes SET publish_due_ms = $2 FROM held WHERE scopes.scope_id = held.scope_id`;

/** Has the scopes' meters published at the next look. */
export async function markDue(sql: Sql, scopeIds: readonly string[], nowMs: number): Promise<void> {
  if (scopeIds.length > 0) await sql.query(MARK_DUE, [scopeIds, nowMs]);
}
