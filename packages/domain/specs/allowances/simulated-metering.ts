import type { AllowanceCall } from '../../src/allowance/allowances.ts';
import {
  type Allowance,
  type Amounts,
  NO_AMOUNTS,
  outstandingIn,
  type ScopeBook,
  type Share,
  takenUp,
} from '../../src/allowance/book.ts';
import { decide, withDecision } from '../../src/allowance/decide.ts';
import { arrive, fate, finish, finishShare, lose } from '../../src/allowance/end.ts';
import { type CallPlace, type Holder, isLater } from '../../src/allowance/holder.ts';
import type { ScopeAnswer } from '../../src/allowance/scope-allowance.ts';
import { type Period, periodsOf, type Recurrence } from '../../src/period.ts';
import type { Truth } from './truth.ts';

/** What key-admin says of a scope. */
export interface Settings extends Recurrence {
  readonly cost: bigint | null;
  readonly tokens: number | null;
  readonly requests: number | null;
  readonly isStrict: boolean;
  readonly limitRevision: number;
  readonly generation: number;
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
  private periodOf: (atMs: number) => Period;

  constructor(
    readonly scopeId: string,
    public settings: Settings,
  ) {
    this.periodOf = periodsOf(settings);
  }

  /** What was used is counted anew where its periods are others. */
  follow(settings: Settings): void {
    const recursOtherwise = settings.resetPeriod !== this.settings.resetPeriod;
    this.settings = settings;
    if (!recursOtherwise) return;
    this.periodOf = periodsOf(settings);
    this.totals = new Map();
    for (const line of this.lines) this.count(line);
  }

  add(line: Line): void {
    this.lines.push(line);
    this.count(line);
  }

  periodAt(atMs: number): Period {
    return this.periodOf(atMs);
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

export const LOSE_AFTER_MS = 300_000;

/** Metering without its database: every decision is the domain's, and everything is kept. */
export class SimulatedMetering {
  readonly scopes = new Map<string, MeteredScope>();
  private readonly heard = new Map<string, CallPlace & { atMs: number }>();
  private readonly finished: {
    readonly instance: string;
    readonly before: number;
    readonly through: number;
  }[] = [];
  private readonly counted = new Set<number>();
  private ids = 0;
  folded = 0;

  constructor(
    private readonly truth: Truth,
    /** Told of a scope whose gateways are to give back what they do not need. */
    private readonly publish: (scope: MeteredScope) => void,
  ) {}

  /** @returns `null` where the call comes too late to be carried out */
  call(call: AllowanceCall, nowMs: number): ScopeAnswer[] | null {
    const { holder, number, live, asks } = call;
    const place = { incarnation: holder.incarnation, number };
    if (!isLater(place, this.heard.get(holder.instance) ?? null)) return null;
    this.heard.set(holder.instance, { ...place, atMs: nowMs });
    const heardLately = [...this.heard.values()].filter(({ atMs }) => nowMs - atMs < 60_000).length;
    return asks.map((said): ScopeAnswer => {
      const scope = this.scopes.get(said.scopeId)!;
      const ask = {
        ...said,
        holder,
        live: Math.max(live, heardLately),
        period: scope.periodAt(said.atMs),
        periodId: said.period.id,
        keeps: amounts(said.keeps),
        uses: amounts(said.uses),
        needs: amounts(said.needs),
      };
      const book = scope.bookFor(ask.period);
      this.truth.checkKept(scope, ask);
      this.ids += 1;
      const decision = decide(book, ask, `alw_${this.ids}`, nowMs);
      const after = withDecision(book, ask, decision, nowMs);
      scope.allowances = [...after.allowances];
      scope.shares = [...after.shares];
      scope.recalledMs = after.recalledMs;
      this.truth.checkGrant(scope, ask.period, decision);
      if (decision.recalls) {
        scope.recall += 1;
        this.publish(scope);
      }
      const { outcome, more, againMs, allowance, share } = decision;
      return {
        outcome,
        more,
        againMs,
        allowanceId: allowance?.id ?? null,
        granted: {
          costPicodollars: allowance?.granted.cost ?? 0n,
          tokens: Number(allowance?.granted.tokens ?? 0n),
        },
        share: share?.size ?? 0,
      };
    });
  }

  /** An instance's incarnations before one have ended, with all their records before an offset. */
  finish(instance: string, before: number, through: number): void {
    this.finished.push({ instance, before, through });
  }

  /** Folds the topic up to an offset. */
  fold(topic: readonly UsageRecord[], until: number, nowMs: number): void {
    for (; this.folded < until; this.folded += 1) this.count(topic[this.folded]!);
    this.look(nowMs);
  }

  /** What time alone, or the fold's progress, makes due. */
  look(nowMs: number): void {
    const before = this.truth.committed();
    this.makeDue(nowMs);
    this.truth.checkNoMore(before);
  }

  private makeDue(nowMs: number): void {
    for (const { instance, before, through } of this.finished) {
      if (through > this.folded) continue;
      for (const scope of this.scopes.values()) this.finishIn(scope, instance, before, nowMs);
    }
    for (const scope of this.scopes.values()) {
      scope.shares = scope.shares.filter((one) => takenUp(one, nowMs) > 0);
      scope.allowances = scope.allowances.flatMap((one) => {
        const what = fate(one, nowMs, LOSE_AFTER_MS);
        if (what === 'forgotten') return [];
        if (what === 'stays') return [one];
        const { allowance, charge } = lose(one);
        this.charge(scope, allowance, charge);
        return [allowance];
      });
    }
  }

  hasCounted(recordId: number): boolean {
    return this.counted.has(recordId);
  }

  /** Key-admin says that a scope is otherwise. */
  change(scopeId: string, settings: Settings): void {
    this.scopes.get(scopeId)!.follow(settings);
  }

  private count(record: UsageRecord): void {
    if (this.counted.has(record.id)) return;
    this.counted.add(record.id);
    for (const { scopeId, generation, allowanceId } of record.scopes) {
      const scope = this.scopes.get(scopeId)!;
      const { used, admittedAtMs, instance } = record;
      const before = scope.committedIn(scope.periodAt(admittedAtMs));
      scope.add({ generation, atMs: admittedAtMs, amounts: used, instance });
      const at = scope.allowances.findIndex(({ id }) => id === allowanceId);
      if (at === -1) {
        if (allowanceId !== null && used.tokens > 0n) this.truth.checkStray(scope, generation, admittedAtMs);
        continue;
      }
      const { allowance, charge } = arrive(scope.allowances[at]!, used);
      scope.allowances[at] = allowance;
      this.charge(scope, allowance, charge);
      this.truth.checkFold(scope, before, admittedAtMs);
    }
  }

  private charge(scope: MeteredScope, { period, generation }: Allowance, charge: Amounts): void {
    if (charge.cost === 0n && charge.tokens === 0n) return;
    scope.add({ generation, atMs: period.startMs ?? 0, amounts: charge, instance: null });
  }

  private finishIn(scope: MeteredScope, instance: string, before: number, nowMs: number): void {
    const isEnded = (holder: Holder) => holder.instance === instance && holder.incarnation < before;
    scope.allowances = scope.allowances.map((one) => {
      if (!isEnded(one.holder)) return one;
      const { allowance, charge } = finish(one);
      this.charge(scope, allowance, charge);
      return allowance;
    });
    scope.shares = scope.shares.map((share) => {
      if (!isEnded(share.holder)) return share;
      // Stamps are the gateway's, whose clock may be some seconds off.
      const sinceMs = nowMs - 70_000;
      const admitted = scope.lines.filter((line) => line.instance === instance && line.atMs > sinceMs).length;
      return finishShare(share, admitted, nowMs);
    });
  }
}

const amounts = ({ costPicodollars, tokens }: { costPicodollars: bigint; tokens: number }): Amounts => ({
  cost: costPicodollars,
  tokens: BigInt(tokens),
});
