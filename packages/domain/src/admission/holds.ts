import type { ScopeKind } from '@tollgate/contracts/limits';
import type { Period } from '../period.ts';
import { type Enrolled, Roster } from '../roster.ts';
import { type Admission, countsIn, type Generations } from './pending-records.ts';

export interface Held {
  readonly costPicodollars: bigint;
  readonly tokens: number;
}

/** What an admitted attempt that has not settled may still come to, at most. Cost in picodollars. */
export class Hold implements Held, Admission, Enrolled<ScopeKind> {
  readonly places = { key: 0, team: 0, organization: 0 };

  constructor(
    readonly admittedAtMs: number,
    readonly generations: Generations,
    readonly costPicodollars: bigint,
    readonly tokens: number,
  ) {}
}

const NONE: Held = { costPicodollars: 0n, tokens: 0 };

/** One scope's holds, with the sum of those whose attempts belong to the period and generation that count. */
export class Holds {
  private readonly live: Roster<ScopeKind, Hold>;
  private total = NONE;

  constructor(
    private readonly kind: ScopeKind,
    private period: Period,
    private generation: number,
  ) {
    this.live = new Roster(kind);
  }

  get sum(): Held {
    return this.total;
  }

  get size(): number {
    return this.live.size;
  }

  take(hold: Hold): void {
    this.live.add(hold);
    if (this.counts(hold)) this.total = plus(this.total, hold);
  }

  /** Gives a hold back; a second time changes nothing. */
  release(hold: Hold): void {
    if (!this.live.remove(hold) || !this.counts(hold)) return;
    this.total = {
      costPicodollars: this.total.costPicodollars - hold.costPicodollars,
      tokens: this.total.tokens - hold.tokens,
    };
  }

  /** Another period or generation counts from now on; what was admitted before it is held there no more. */
  recount(period: Period, generation: number): void {
    this.period = period;
    this.generation = generation;
    this.total = NONE;
    for (const hold of this.live) if (this.counts(hold)) this.total = plus(this.total, hold);
  }

  private counts({ generations, admittedAtMs }: Hold): boolean {
    return countsIn(this.period, this.generation, generations[this.kind], admittedAtMs);
  }
}

const plus = (sum: Held, hold: Hold): Held => ({
  costPicodollars: sum.costPicodollars + hold.costPicodollars,
  tokens: sum.tokens + hold.tokens,
});
