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

/** What is held, added up in place: every request changes several such sums, and a sum anew each time is one to collect. */
export class HeldSum implements Held {
  costPicodollars = 0n;
  tokens = 0;

  add({ costPicodollars, tokens }: Held): void {
    this.costPicodollars += costPicodollars;
    this.tokens += tokens;
  }

  subtract({ costPicodollars, tokens }: Held): void {
    this.costPicodollars -= costPicodollars;
    this.tokens -= tokens;
  }
}

/** One scope's holds, with the sum of those whose attempts belong to the period and generation that count. */
export class Holds {
  private readonly live: Roster<ScopeKind, Hold>;
  private total = new HeldSum();

  constructor(
    private readonly kind: ScopeKind,
    private period: Period,
    private generation: number,
  ) {
    this.live = new Roster(kind);
  }

  /** As it is now: it goes on to change. */
  get sum(): Held {
    return this.total;
  }

  get size(): number {
    return this.live.size;
  }

  take(hold: Hold): void {
    this.live.add(hold);
    if (this.counts(hold)) this.total.add(hold);
  }

  /** Gives a hold back; a second time changes nothing. */
  release(hold: Hold): void {
    if (this.live.remove(hold) && this.counts(hold)) this.total.subtract(hold);
  }

  /** Another period or generation counts from now on; what was admitted before it is held there no more. */
  recount(period: Period, generation: number): void {
    this.period = period;
    this.generation = generation;
    this.total = new HeldSum();
    for (const hold of this.live) if (this.counts(hold)) this.total.add(hold);
  }

  private counts({ generations, admittedAtMs }: Hold): boolean {
    return countsIn(this.period, this.generation, generations[this.kind], admittedAtMs);
  }
}
