import type { ScopeKind } from '@tollgate/contracts/limits';
import type { Period } from '../period.ts';
import { type Held, HeldSum, NOTHING } from './held.ts';

/** What an attempt may come to, held of an allowance until it settles. Cost in picodollars. */
export type Bound = Held;

/**
 * What a gateway may use of a scope's cost and tokens in one period and generation. Its figures are cumulative: used
 * and held never exceed what was granted, but by what a provider counts beyond its bound.
 */
export class Holding {
  private grantedSoFar: Held = NOTHING;
  private readonly used = new HeldSum();
  private readonly bounds = new HeldSum();
  private attempts = 0;

  /**
   * @param kind of the scope
   * @param id as records name it
   */
  constructor(
    readonly kind: ScopeKind,
    readonly id: string,
    readonly period: Period,
    readonly generation: number,
  ) {}

  get granted(): Held {
    return this.grantedSoFar;
  }

  /** What attempts under way hold; it goes on to change. */
  get held(): Held {
    return this.bounds;
  }

  /** Used and held. */
  get busy(): Held {
    const { used, bounds } = this;
    return {
      costPicodollars: used.costPicodollars + bounds.costPicodollars,
      tokens: used.tokens + bounds.tokens,
    };
  }

  /** Whether attempts are under way on it. */
  get isHeld(): boolean {
    return this.attempts > 0;
  }

  /** What may still be held; below zero after a provider counted more than was held. */
  get room(): Held {
    const { grantedSoFar: granted, used, bounds } = this;
    return {
      costPicodollars: granted.costPicodollars - used.costPicodollars - bounds.costPicodollars,
      tokens: granted.tokens - used.tokens - bounds.tokens,
    };
  }

  grant(granted: Held): void {
    this.grantedSoFar = granted;
  }

  /** Uses no more than this from now on; what was used beyond what was granted makes that no more. */
  keep(kept: Held): void {
    const { costPicodollars, tokens } = this.grantedSoFar;
    this.grantedSoFar = {
      costPicodollars: smaller(kept.costPicodollars, costPicodollars),
      tokens: Math.min(kept.tokens, tokens),
    };
  }

  take(bound: Bound): void {
    this.bounds.add(bound);
    this.attempts += 1;
  }

  /** An attempt that was not forwarded has used nothing. */
  release(bound: Bound): void {
    this.bounds.subtract(bound);
    this.attempts -= 1;
  }

  settle(bound: Bound, used: Held): void {
    this.release(bound);
    this.used.add(used);
  }
}

const smaller = (a: bigint, b: bigint) => (b < a ? b : a);
