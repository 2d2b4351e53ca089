import type { ScopeKind } from '@tollgate/contracts/limits';
import type { Allowed } from '../../src/admission/admit.ts';
import { RollingWindow } from '../../src/admission/rolling-window.ts';
import {
  type Allowance,
  type Amounts,
  NO_AMOUNTS,
  outstandingIn,
  type ScopeBook,
  type Share,
  takenUp,
} from '../../src/allowance/book.ts';
import type { Held } from '../../src/allowance/held.ts';
import type { Holding } from '../../src/allowance/holding.ts';
import type { AllowedScope } from '../../src/allowance/scope-terms.ts';
import type { Period, Recurrence } from '../../src/period.ts';
import { periodOf } from './periods.ts';

/** What key-admin says of a scope. */
export interface Settings extends Recurrence {
  readonly cost: bigint | null;
  readonly tokens: number | null;
  readonly requests: number | null;
  readonly isStrict: boolean;
  readonly limitRevision: number;
  readonly generation: number;
}

/** A scope as a gateway knows it: it hears of changes later than metering, or earlier. */
export class KnownScope implements AllowedScope {
  readonly window = new RollingWindow();

  constructor(
    readonly kind: ScopeKind,
    readonly id: string,
    public settings: Settings,
  ) {}

  follow(settings: Settings): void {
    this.settings = settings;
  }

  get generation(): number {
    return this.settings.generation;
  }

  get limitRevision(): number {
    return this.settings.limitRevision;
  }

  get isStrict(): boolean {
    return this.settings.isStrict;
  }

  get allowed(): Allowed {
    const { cost, tokens, requests } = this.settings;
    return { costPicodollars: cost, tokens, requestsPerMinute: requests };
  }

  periodAt(nowMs: number): Period {
    return periodOf(this.settings, nowMs);
  }

  /** Whether metering has to be asked for anything of it. */
  get isGivenOut(): boolean {
    const { cost, tokens, requests, isStrict } = this.settings;
    return requests !== null || (isStrict && (cost !== null || tokens !== null));
  }
}

/** A request that was let in, as far as anybody can know of it. */
export interface Attempt {
  readonly id: number;
  readonly instance: string;
  /** Of the instance: its incarnation. */
  readonly process: number;
  readonly admittedAtMs: number;
  readonly trueAtMs: number;
  readonly bound: Held;
  readonly scopes: readonly {
    readonly scope: KnownScope;
    readonly generation: number;
    readonly revision: number;
    readonly holding: Holding | null;
  }[];
  /** Whether it was let in while metering was away, on no share. */
  readonly byFallback: boolean;
  used: Held | null;
}

/** A usage record, reduced to what counts. */
export interface UsageRecord {
  readonly id: number;
  readonly scopes: readonly {
    readonly scopeId: string;
    readonly generation: number;
    readonly allowanceId: string | null;
  }[];
  readonly instance: string;
  readonly admittedAtMs: number;
  readonly used: Amounts;
}

interface Line {
  readonly generation: number;
  readonly atMs: number;
  readonly amounts: Amounts;
  readonly instance: string | null;
}

/** A scope as metering keeps it. */
export class MeteredScope {
  allowances: Allowance[] = [];
  shares: Share[] = [];
  recalledMs: number | null = null;
  recall = 0;
  readonly lines: Line[] = [];
  /** By generation and period. */
  private totals = new Map<string, Amounts>();

  constructor(
    readonly scopeId: string,
    public settings: Settings,
  ) {}

  /** What was used is counted anew where its periods are others. */
  follow(settings: Settings): void {
    const recursOtherwise = settings.resetPeriod !== this.settings.resetPeriod;
    this.settings = settings;
    if (!recursOtherwise) return;
    this.totals = new Map();
    for (const line of this.lines) this.count(line);
  }

  add(line: Line): void {
    this.lines.push(line);
    this.count(line);
  }

  periodAt(atMs: number): Period {
    return periodOf(this.settings, atMs);
  }

  settledIn(period: Period, generation: number): Amounts {
    return this.totals.get(`${generation} ${period.id}`) ?? NO_AMOUNTS;
  }

  private count({ generation, atMs, amounts }: Line): void {
    const place = `${generation} ${this.periodAt(atMs).id}`;
    this.totals.set(place, add(this.totals.get(place) ?? NO_AMOUNTS, amounts));
  }

  bookFor(period: Period): ScopeBook {
    const { cost, tokens, requests, isStrict, limitRevision, generation } = this.settings;
    return {
      limits: { cost, tokens: tokens === null ? null : BigInt(tokens), requests },
      hard: isStrict,
      limitRevision,
      generation,
      settled: this.settledIn(period, generation),
      allowances: this.allowances,
      shares: this.shares,
      recalledMs: this.recalledMs,
    };
  }

  /** What was used, and may still be, in a period of the current generation. */
  committedIn(period: Period): Amounts {
    const { generation } = this.settings;
    return add(this.settledIn(period, generation), outstandingIn(this.allowances, period, generation));
  }

  sharedAt(nowMs: number): number {
    return this.shares.reduce((sum, one) => sum + takenUp(one, nowMs), 0);
  }
}

export const add = (a: Amounts, b: Amounts): Amounts => ({
  cost: a.cost + b.cost,
  tokens: a.tokens + b.tokens,
});
