import type { AllowedStanding } from '@tollgate/domain/allowance/admit-allowed';
import type { Clocks, Rooms } from '@tollgate/domain/allowance/scope-terms';
import type { KeyEntry } from '../key-state/key-entry.ts';
import type { Scope } from '../key-state/scope.ts';

/** How a limited scope stands now. */
export interface ScopeStanding extends AllowedStanding {
  readonly scope: Scope;
  /** Filled in where it is decided on. */
  rooms: Rooms | null;
}

/** How those of a key's scopes stand that have limits: the others cost a request nothing. */
export function standings({ scopes }: KeyEntry, { nowMs, steadyMs }: Clocks): ScopeStanding[] {
  const limited: ScopeStanding[] = [];
  for (const scope of scopes) {
    const { allowed, isLimited } = scope.plan;
    if (!isLimited) continue;
    const used = scope.account(nowMs).usedAt(nowMs);
    limited.push({ scope, allowed, used, inWindow: scope.inWindow(steadyMs), rooms: null });
  }
  return limited;
}

/** What is left of a scope's limit of cost, in picodollars, after all that is used and held; `null` where it has none. */
export function costLeft(scope: Scope, nowMs: number): bigint | null {
  const { costPicodollars } = scope.allowed;
  return costPicodollars === null ? null : costPicodollars - scope.account(nowMs).costTakenAt(nowMs);
}

/** {@link costLeft} of tokens. */
export function tokensLeft(scope: Scope, nowMs: number): number | null {
  const { tokens } = scope.allowed;
  return tokens === null ? null : tokens - scope.account(nowMs).tokensTakenAt(nowMs);
}
