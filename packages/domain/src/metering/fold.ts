import type { ScopeKind } from '@tollgate/contracts/limits';
import { type Period, periodsOf, type Recurrence } from '../period.ts';
import type { Totals } from './meter.ts';

/** What one attempt used, as far as totals care. */
export interface UsageFact {
  readonly keyId: string;
  readonly teamId: string;
  readonly organizationId: string;
  /** Decides the period, however late the attempt settled. Whole ms since the epoch. */
  readonly admittedAtMs: number;
  /** The scopes' generations at admission: use from before a manual reset never counts after it. */
  readonly generations: Readonly<Record<ScopeKind, number>>;
  /** Picodollars; `null` where the model has no price. */
  readonly cost: bigint | null;
  readonly tokens: bigint;
  /** 0 of a correction, which is no attempt; 1 unless said. */
  readonly requests?: bigint;
}

export interface ScopeRef {
  readonly scope: ScopeKind;
  readonly scopeId: string;
}

/** What a batch adds to one total. */
export interface UsageDelta extends ScopeRef {
  readonly generation: number;
  readonly period: Period;
  readonly added: Totals;
}

/** Counted on these until metering has heard of the scope; re-aggregated then. */
export const BEFORE_KNOWN: Recurrence = { resetPeriod: 'never', timezone: 'UTC' };

/** The scopes that a record counts on, in the order in which their rows are locked. */
export const scopesOf = (
  fact: Pick<UsageFact, 'keyId' | 'teamId' | 'organizationId'>,
): readonly ScopeRef[] => [
  { scope: 'key', scopeId: fact.keyId },
  { scope: 'team', scopeId: fact.teamId },
  { scope: 'organization', scopeId: fact.organizationId },
];

/** The scopes that any of these records count on, each once. */
export function scopesOfAll(facts: readonly UsageFact[]): ScopeRef[] {
  const scopes = new Map<string, ScopeRef>();
  for (const fact of facts) for (const ref of scopesOf(fact)) scopes.set(ref.scopeId, ref);
  return [...scopes.values()];
}

/**
 * Adds records up to one delta per scope, generation and period. The sum over any batches of the same records,
 * in any order, is the same; telling records from their duplicates is the ledger's task.
 */
export function foldUsage(
  facts: readonly UsageFact[],
  recurrenceOf: (scopeId: string) => Recurrence | undefined,
): UsageDelta[] {
  const periods = new Map<string, (instantMs: number) => Period>();
  const deltas = new Map<string, MutableDelta>();
  for (const fact of facts) {
    for (const { scope, scopeId } of scopesOf(fact)) {
      let periodOf = periods.get(scopeId);
      if (!periodOf) {
        periodOf = periodsOf(recurrenceOf(scopeId) ?? BEFORE_KNOWN);
        periods.set(scopeId, periodOf);
      }
      const period = periodOf(fact.admittedAtMs);
      const generation = fact.generations[scope];
      const key = `${scopeId} ${generation} ${period.id}`;
      let delta = deltas.get(key);
      if (!delta) {
        delta = { scope, scopeId, generation, period, added: { cost: 0n, tokens: 0n, requests: 0n } };
        deltas.set(key, delta);
      }
      delta.added.cost += fact.cost ?? 0n;
      delta.added.tokens += fact.tokens;
      delta.added.requests += fact.requests ?? 1n;
    }
  }
  return [...deltas.values()];
}

interface MutableDelta extends UsageDelta {
  readonly added: { -readonly [Field in keyof Totals]: Totals[Field] };
}
