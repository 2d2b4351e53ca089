import type { AllowanceCall } from '../../src/allowance/allowances.ts';
import { type Allowance, type Amounts, takenUp } from '../../src/allowance/book.ts';
import { decide, withDecision } from '../../src/allowance/decide.ts';
import { arrive, fate, finish, finishShare, lose } from '../../src/allowance/end.ts';
import { type CallPlace, type Holder, isLater } from '../../src/allowance/holder.ts';
import type { ScopeAnswer } from '../../src/allowance/scope-terms.ts';
import type { MeteredScope, UsageRecord } from './scopes.ts';
import type { Truth } from './truth.ts';

export const LOSE_AFTER_MS = 300_000;

/** Metering without its database: every decision is the domain's, and everything is kept. */
export class SimulatedMetering {
  readonly scopes: Map<string, MeteredScope>;
  private readonly heard = new Map<string, CallPlace & { atMs: number }>();
  private readonly finished: {
    readonly instance: string;
    readonly before: number;
    readonly through: number;
  }[] = [];
  private ids = 0;
  folded = 0;

  constructor(
    private readonly truth: Truth,
    /** Told of a scope whose gateways are to give back what they do not need. */
    private readonly publish: (scope: MeteredScope) => void,
  ) {
    this.scopes = truth.scopes;
  }

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
      const { outcome, more, againMs, allowance, spendable, share } = decision;
      return {
        outcome,
        more,
        againMs,
        allowanceId: allowance?.id ?? null,
        granted: {
          costPicodollars: spendable.cost,
          tokens: Number(spendable.tokens),
        },
        share: share?.size ?? 0,
      };
    });
  }

  /** An instance's incarnations before one have ended, with all their records before an offset. */
  finish(instance: string, before: number, through: number, nowMs: number): void {
    const place = { incarnation: before, number: 0 };
    // From now on no call of theirs is heard.
    if (isLater(place, this.heard.get(instance) ?? null)) this.heard.set(instance, { ...place, atMs: nowMs });
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
    for (const finished of this.finished.splice(0)) {
      const { instance, before, through } = finished;
      if (through > this.folded) this.finished.push(finished);
      else for (const scope of this.scopes.values()) this.finishIn(scope, instance, before, nowMs);
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

  private count(record: UsageRecord): void {
    if (this.truth.counted.has(record.id)) return;
    this.truth.counted.add(record.id);
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
