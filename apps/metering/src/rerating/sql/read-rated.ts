import type { TokenCounts, UsageRecorded } from '@tollgate/contracts/events';
import type { ScopeKind } from '@tollgate/contracts/limits';
import type { RatedUsage } from '@tollgate/domain/metering/rerate';
import type { Sql } from '@tollgate/service-kit/postgres';
import { ofScope } from '../../ledger/sql/of-scope.ts';

type Told = 'id' | 'key_id' | 'team_id' | 'provider' | 'model' | 'upstream_model' | 'generations';
/** A record of the ledger with what it costs now. */
export interface RatedRecord extends RatedUsage, Pick<UsageRecorded, Told> {
  readonly admittedAtMs: number;
}

export interface RatedSpan {
  readonly scope: ScopeKind;
  readonly scopeId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly provider: string | null;
  readonly model: string | null;
}

const CLASSES = ['input', 'cached_input', 'cache_write', 'output', 'reasoning', 'total'] as const;
const tokens = CLASSES.map((name) => `'${name}', tokens_${name}`).join(', ');

const READ = (scope: ScopeKind) => `
  SELECT id, extract(epoch FROM admitted_at) * 1000 AS admitted_ms, key_id, team_id, provider, model, upstream_model,
    status, cost::text AS cost,
    jsonb_build_object('key', generation_key, 'team', generation_team, 'organization', generation_organization)
      AS generations,
    jsonb_build_object(${tokens}) || coalesce(tokens_parts, '{}') AS tokens,
    (SELECT coalesce(sum(made.cost), 0) FROM usage_ledger made
     WHERE made.adjusts = usage_ledger.id AND made.admitted_at = usage_ledger.admitted_at
       AND made.kind = 'rerating')::text AS rerated
  FROM usage_ledger
  WHERE ${ofScope(scope)} AND kind = 'usage'
    AND admitted_at >= to_timestamp($2::float8 / 1000) AND admitted_at < to_timestamp($3::float8 / 1000)
    AND ($4::text IS NULL OR provider = $4) AND ($5::text IS NULL OR model = $5 OR upstream_model = $5)
    AND ($6::float8 IS NULL OR (admitted_at, id) > (to_timestamp($6::float8 / 1000), $7::text))
  ORDER BY admitted_at, id LIMIT $8`;

interface Raw extends Pick<UsageRecorded, Told | 'status'> {
  readonly admitted_ms: string;
  readonly tokens: TokenCounts;
  readonly cost: string | null;
  readonly rerated: string;
}

/** The attempts of a span after another, in the order of their admission, `most` at most. */
export async function readRated(
  sql: Sql,
  { scope, scopeId, fromMs, toMs, provider, model }: RatedSpan,
  after: RatedRecord | null,
  most: number,
): Promise<RatedRecord[]> {
  const place = [after?.admittedAtMs ?? null, after?.id ?? null];
  const rows: Raw[] = await sql.query(READ(scope), [scopeId, fromMs, toMs, provider, model, ...place, most]);
  return rows.map(({ admitted_ms, cost, rerated, ...row }) => ({
    ...row,
    admittedAtMs: Number(admitted_ms),
    cost: cost === null ? null : BigInt(cost),
    rerated: BigInt(rerated),
  }));
}
