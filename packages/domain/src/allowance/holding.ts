import { type Held, HeldSum } from '../admission/holds.ts';
import type { Period } from '../period.ts';

/** What an attempt may come to, held of an allowance until it settles. Cost in picodollars. */
export type Bound = Held;

const NOTHING: Held = { costPicodollars: 0n, tokens: 0 };

/**
 * What a gateway may use of a scope's cost and tokens in one period and generation. Its figures are cumulative: used
 * and held never exceed what was granted, but by what a provider counts beyond its bound.
 */
export class Holding {
  private grantedSoFar: Held = NOTHING;
  private readonly taken = new HeldSum();
  private attempts = 0;

  /** @param id as records name it */
  constructor(
    readonly id: string,
    readonly period: Period,
    readonly generation: number,
  ) {}

  get granted(): Held {
    return this.grantedSoFar;
  }

  /** Used and held. */
  get busy(): Held {
    const { costPicodollars, tokens } = this.taken;
    return { costPicodollars, tokens };
  }

  /** Whether attempts are under way on it. */
  get isHeld(): boolean {
    return this.attempts > 0;
  }

  /** What may still be held; below zero after a provider counted more than was held. */
  get room(): Held {
    const { grantedSoFar: granted, taken } = this;
    return {
      costPicodollars: granted.costPicodollars - taken.costPicodollars,
      tokens: granted.tokens - taken.tokens,
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
    this.taken.add(bound);
    this.attempts += 1;
  }

  /** An attempt that was not forwarded has used nothing. */
  release(bound: Bound): void {
    this.taken.subtract(bound);
    this.attempts -= 1;
  }

  settle(bound: Bound, used: Held): void {
    this.release(bound);
    this.taken.add(used);
  }
}

const smaller = (a: bigint, b: bigint) => (b < a ? b : a);
