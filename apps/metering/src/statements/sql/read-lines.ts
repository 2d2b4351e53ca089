import type { ScopeKind } from '@tollgate/contracts/limits';
import type { StatementLine } from '@tollgate/contracts/metering-http';
import type { Totals } from '@tollgate/domain/metering/meter';
import type { Period } from '@tollgate/domain/period';
import type { Sql } from '@tollgate/service-kit/postgres';
import { ofScope } from '../../ledger/sql/of-scope.ts';

/** Where a page of a statement ended: the record's instant in ms, and its id. */
export interface Place {
  readonly atMs: number;
  readonly id: string;
}

export interface StatementScope {
  readonly scope: ScopeKind;
  readonly scopeId: string;
  readonly generation: number;
  readonly period: Period;
}

type Told = 'id' | 'kind' | 'key_id' | 'provider' | 'model' | 'status' | 'requests' | 'adjusts' | 'reason';
export interface RawLine extends Pick<StatementLine, Told> {
  readonly admitted_at: Date;
  readonly recorded_at: Date;
  readonly cost: string | null;
  readonly tokens: string;
  /** Sums of the page's lines up to this one. */
  readonly cost_so_far: string;
  readonly tokens_so_far: string;
  readonly requests_so_far: string;
}

const inStatement = (scope: ScopeKind) => `${ofScope(scope)} AND generation_${scope} = $2
  AND admitted_at >= coalesce(to_timestamp($3::float8 / 1000), '-infinity')
  AND admitted_at < coalesce(to_timestamp($4::float8 / 1000), 'infinity')`;
const isAfter = `($5::float8 IS NULL OR (admitted_at, id) > (to_timestamp($5::float8 / 1000), $6::text))`;

const READ = (scope: ScopeKind) => `
  SELECT *, sum(coalesce(cost, 0)) OVER so_far AS cost_so_far, sum(tokens) OVER so_far AS tokens_so_far,
    sum(requests) OVER so_far AS requests_so_far
  FROM (
    SELECT id, kind, admitted_at, recorded_at, key_id, provider, model, status, cost, tokens_total AS tokens,
      requests, adjusts, reason
    FROM usage_ledger WHERE ${inStatement(scope)} AND ${isAfter}
    ORDER BY admitted_at, id LIMIT $7
  ) AS page
  WINDOW so_far AS (ORDER BY admitted_at, id ROWS UNBOUNDED PRECEDING)
  ORDER BY admitted_at, id`;

const SUM_BEFORE = (scope: ScopeKind) => `
  SELECT coalesce(sum(cost), 0)::text AS cost, coalesce(sum(tokens_total), 0)::text AS tokens,
    coalesce(sum(requests), 0)::text AS requests
  FROM usage_ledger WHERE ${inStatement(scope)} AND NOT ${isAfter}`;

const parametersOf = ({ scopeId, generation, period }: StatementScope, after: Place | null) => [
  scopeId,
  generation,
  period.startMs,
  period.endMs,
  after?.atMs ?? null,
  after?.id ?? null,
];

/** Records of a statement after a place, in order of admission, `most` at most. */
export const readLines = (
  sql: Sql,
  of: StatementScope,
  after: Place | null,
  most: number,
): Promise<RawLine[]> => sql.query(READ(of.scope), [...parametersOf(of, after), most]);

/** What the records of a statement up to and including a place add up to. */
export async function sumUntil(sql: Sql, of: StatementScope, place: Place): Promise<Totals> {
  const [row] = await sql.query(SUM_BEFORE(of.scope), parametersOf(of, place));
  return { cost: BigInt(row.cost), tokens: BigInt(row.tokens), requests: BigInt(row.requests) };
}
