import type { ScopeKind } from '@tollgate/contracts/limits';
import type { Period } from '../period.ts';
import { type Admission, countsIn } from './pending-records.ts';

/** What an admitted attempt that has not settled may still come to, at most. Cost in picodollars. */
export interface Hold extends Admission {
  readonly costPicodollars: bigint;
  readonly tokens: number;
}

export interface Held {
  readonly costPicodollars: bigint;
  readonly tokens: number;
}

/** One scope's holds, with the sum of those whose attempts belong to the period and generation that count. */
export class Holds {
  private readonly live = new Set<Hold>();
  private cost = 0n;
  private tokens = 0;

  constructor(
    private readonly kind: ScopeKind,
    private period: Period,
    private generation: number,
  ) {}

  get sum(): Held {
    return { costPicodollars: this.cost, tokens: this.tokens };
  }

  get size(): number {
    return this.live.size;
  }

  take(hold: Hold): void {
    this.live.add(hold);
    if (this.counts(hold)) this.add(hold);
  }

  /** Gives a hold back; a second time changes nothing. */
  release(hold: Hold): void {
    if (!this.live.delete(hold) || !this.counts(hold)) return;
    this.cost -= hold.costPicodollars;
    this.tokens -= hold.tokens;
  }

  /** Another period or generation counts from now on; what was admitted before it is held there no more. */
  recount(period: Period, generation: number): void {
    this.period = period;
    this.generation = generation;
    this.cost = 0n;
    this.tokens = 0;
    for (const hold of this.live) if (this.counts(hold)) this.add(hold);
  }

  private add({ costPicodollars, tokens }: Hold): void {
    this.cost += costPicodollars;
    this.tokens += tokens;
  }

  private counts({ generations, admittedAtMs }: Hold): boolean {
    return countsIn(this.period, this.generation, generations[this.kind], admittedAtMs);
  }
}
