import type { AllowedStanding } from '@tollgate/domain/allowance/admit-allowed';
import type { Allowances } from '@tollgate/domain/allowance/allowances';
import type { ScopeAllowance } from '@tollgate/domain/allowance/scope-allowance';
import type { Clocks, Rooms } from '@tollgate/domain/allowance/scope-terms';
import type { KeyEntry } from '../key-state/key-entry.ts';
import type { Scope } from '../key-state/scope.ts';

/** How a limited scope stands now. */
export interface ScopeStanding extends AllowedStanding {
  readonly scope: Scope;
  /** What this gateway has of it, and what of that may be used; filled in where it is decided on. */
  allowance: ScopeAllowance | null;
  rooms: Rooms | null;
}

/** How those of a key's scopes stand that have limits: the others cost a request nothing. */
export function standings({ scopes }: KeyEntry, { nowMs, steadyMs }: Clocks): ScopeStanding[] {
  const limited: ScopeStanding[] = [];
  for (const scope of scopes) {
    const { allowed, isLimited } = scope.plan;
    if (!isLimited) continue;
    const used = scope.account(nowMs).usedAt(nowMs);
    limited.push({ scope, allowed, used, inWindow: scope.inWindow(steadyMs), allowance: null, rooms: null });
  }
  return limited;
}

/** What is left of a scope's limit of cost, in picodollars, after all that is used and held; `null` where it has none. */
export function costLeft(scope: Scope, allowances: Allowances, clocks: Clocks): bigint | null {
  const { costPicodollars: limit } = scope.allowed;
  if (limit === null) return null;
  const { nowMs } = clocks;
  return limit - scope.account(nowMs).costUsedAt(nowMs) - allowances.heldOf(scope, clocks).costPicodollars;
}

/** {@link costLeft} of tokens. */
export function tokensLeft(scope: Scope, allowances: Allowances, clocks: Clocks): number | null {
  const { tokens: limit } = scope.allowed;
  if (limit === null) return null;
  const { nowMs } = clocks;
  return limit - scope.account(nowMs).tokensUsedAt(nowMs) - allowances.heldOf(scope, clocks).tokens;
}
