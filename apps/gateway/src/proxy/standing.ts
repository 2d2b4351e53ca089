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

/** What is left of a scope's limits of cost and tokens after all that is used and held; `null` where it has none. */
export interface Left {
  readonly of: Scope;
  readonly costPicodollars: bigint | null;
  readonly tokens: number | null;
}

export function leftOf(scope: Scope, allowances: Allowances, clocks: Clocks): Left {
  const { costPicodollars: cost, tokens } = scope.allowed;
  const { nowMs } = clocks;
  const account = scope.account(nowMs);
  const held = allowances.heldOf(scope, clocks);
  return {
    of: scope,
    costPicodollars: cost === null ? null : cost - account.costUsedAt(nowMs) - held.costPicodollars,
    tokens: tokens === null ? null : tokens - account.tokensUsedAt(nowMs) - held.tokens,
  };
}
