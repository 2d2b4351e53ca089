import type { ResetPeriod, ScopeKind } from '@tollgate/contracts/limits';
import { type CountedLimits, NO_USE, type ScopeMeter, type Totals } from '@tollgate/domain/metering/meter';
import type { Published } from '@tollgate/domain/metering/publish';
import { periodAt, type Recurrence } from '@tollgate/domain/period';

/** The meter that readers have of a scope. */
export interface LastPublished extends Published {
  readonly periodId: string;
  readonly generation: number;
  readonly limitRevision: number;
}

/** A scope as metering keeps it: what key-admin says of it, and how far it is published. */
export interface ScopeRow extends Recurrence {
  readonly scope: ScopeKind;
  readonly scopeId: string;
  readonly teamId: string | null;
  /** Of the latest event applied; 0 where none was. */
  readonly version: number;
  readonly limits: CountedLimits;
  readonly limitRevision: number;
  readonly generation: number;
  /** Requests in 60 s. */
  readonly requestLimit: number | null;
  /** Whether cost and tokens are given out to gateways, so that they are never exceeded. */
  readonly isHard: boolean;
  /** Grows by one when gateways are to give back what they do not need; and when that was last. */
  readonly recall: number;
  readonly recalledMs: number | null;
  /** Percents of a limit at which the organization wants to be warned; `null`: the usual ones, or not its to say. */
  readonly warningThresholds: readonly number[] | null;
  /** Of the scope's latest event. */
  readonly sequence: number;
  readonly lastUsedMs: number | null;
  readonly published: LastPublished | null;
  /** When a change that is not published yet has to be. */
  readonly publishDueMs: number | null;
}

/** A scope that metering has not heard of and that was never used. */
export const unknownScope = (scope: ScopeKind, scopeId: string): ScopeRow => ({
  scope,
  scopeId,
  teamId: null,
  version: 0,
  resetPeriod: 'never',
  timezone: 'UTC',
  limits: { cost: null, tokens: null },
  limitRevision: 0,
  generation: 0,
  requestLimit: null,
  isHard: false,
  recall: 0,
  recalledMs: null,
  warningThresholds: null,
  sequence: 0,
  lastUsedMs: null,
  published: null,
  publishDueMs: null,
});

/** What an id is the id of. */
export function scopeKindOf(scopeId: string): ScopeKind {
  if (scopeId.startsWith('team_')) return 'team';
  return scopeId.startsWith('org_') ? 'organization' : 'key';
}

/** What a scope has used in the period that counts at an instant. */
export const meterOf = (scope: ScopeRow, nowMs: number, used: Totals = NO_USE): ScopeMeter => ({
  scope: scope.scope,
  scopeId: scope.scopeId,
  period: periodAt(nowMs, scope.resetPeriod, scope.timezone),
  generation: scope.generation,
  limitRevision: scope.limitRevision,
  limits: scope.limits,
  used,
});

/** What was published of exactly this meter, if anything was. */
export function publishedOf(scope: ScopeRow, meter: ScopeMeter): LastPublished | null {
  const { published } = scope;
  if (!published || published.periodId !== meter.period.id) return null;
  const same = published.generation === meter.generation && published.limitRevision === meter.limitRevision;
  return same ? published : null;
}

export const SCOPE_COLUMNS = `scope_id, scope, team_id, version, reset_period, timezone, cost_limit, token_limit,
  limit_revision, generation, request_limit, is_hard, recall, recalled_at_ms, warning_thresholds, sequence, last_used_ms, published_period_id,
  published_generation, published_revision, published_cost, published_tokens, published_requests,
  published_at_ms, publish_due_ms`;

/** A row of {@link SCOPE_COLUMNS} as the driver returns it: integers of 64 bits and more are text. */
export type RawScope = Record<string, string | number | boolean | number[] | null>;

const integer = (value: unknown) => (value === null ? null : Number(value));
const big = (value: unknown) => (value === null ? null : BigInt(value as string));

export function toScopeRow(raw: RawScope): ScopeRow {
  return {
    scope: raw['scope'] as ScopeKind,
    scopeId: raw['scope_id'] as string,
    teamId: raw['team_id'] as string | null,
    version: Number(raw['version']),
    resetPeriod: raw['reset_period'] as ResetPeriod,
    timezone: raw['timezone'] as string,
    limits: { cost: big(raw['cost_limit']), tokens: big(raw['token_limit']) },
    limitRevision: Number(raw['limit_revision']),
    generation: Number(raw['generation']),
    requestLimit: integer(raw['request_limit']),
    isHard: raw['is_hard'] === true,
    recall: Number(raw['recall']),
    recalledMs: integer(raw['recalled_at_ms']),
    warningThresholds: raw['warning_thresholds'] as number[] | null,
    sequence: Number(raw['sequence']),
    lastUsedMs: integer(raw['last_used_ms']),
    published: raw['published_period_id'] === null ? null : toPublished(raw),
    publishDueMs: integer(raw['publish_due_ms']),
  };
}

const toPublished = (raw: RawScope): LastPublished => ({
  periodId: raw['published_period_id'] as string,
  generation: Number(raw['published_generation']),
  limitRevision: Number(raw['published_revision']),
  used: {
    cost: big(raw['published_cost'])!,
    tokens: big(raw['published_tokens'])!,
    requests: big(raw['published_requests'])!,
  },
  atMs: Number(raw['published_at_ms']),
});
