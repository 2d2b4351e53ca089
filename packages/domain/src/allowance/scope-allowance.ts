import type { Ask } from './ask.ts';
import { type Held, NOTHING } from './held.ts';
import { LEASE_MS } from './holder.ts';
import type { Holding } from './holding.ts';
import { Holdings } from './holdings.ts';
import { LastAnswer } from './last-answer.ts';
import {
  type AllowedScope,
  type Clocks,
  isSome,
  type Lack,
  NO_LACK,
  type Rooms,
  type ScopeAnswer,
  type ScopeAsk,
} from './scope-terms.ts';

/** What is used is renewed when it is this old; what is not is given up. */
export const RENEW_AFTER_MS = 55_000;
/** Less than a quarter of what there was is little, and more is asked for ahead. */
const LITTLE = 4;
/** What of it is over is given back within this. */
const RETURN_WITHIN_MS = 1_000;

/**
 * What a gateway has of one scope, and what it says of it to metering.
 *
 * From when a call leaves, no more is used than what the call says is kept, whether or not it arrives: the rest may be
 * another's by then. What comes back is in all, so that a lost answer loses nothing.
 */
export class ScopeAllowance {
  private readonly holdings: Holdings;
  private readonly last: LastAnswer;
  /** Of the window. */
  private share: { readonly size: number; readonly expiresAtMs: number } | null = null;
  /** Of the limits under which all that was granted. */
  private revision = -1;
  private lack = NO_LACK;
  private isUsed = false;
  private isRecalled = false;
  private isLeaving = false;
  private recall = 0;
  private returnDueAtMs: number | null = null;
  /** When metering was last called about it, `null` where there is nothing that has to be renewed. */
  private calledAtMs: number | null = null;
  /** Before the call that is under way, in case it fails. */
  private before = { calledAtMs: null as number | null, isUsed: false, isRecalled: false };
  /** What there was to use after the latest answer. */
  private reach = NO_LACK;

  constructor(readonly scope: AllowedScope) {
    this.holdings = new Holdings(scope);
    this.last = new LastAnswer(scope);
  }

  /** What may be used now. @param fallback the share of the window while metering does not answer, else `null` */
  rooms(clocks: Clocks, fallback: number | null): Rooms {
    const { allowed, isStrict } = this.scope;
    const verdict = this.last.verdict(clocks, fallback !== null);
    const left = this.left(clocks);
    const may = verdict === 'away' && !isStrict ? (fallback ?? 0) : 0;
    return {
      costPicodollars: isStrict && allowed.costPicodollars !== null ? left.costPicodollars : null,
      tokens: isStrict && allowed.tokens !== null ? left.tokens : null,
      requests:
        allowed.requestsPerMinute === null
          ? null
          : Math.max(left.requests, may - this.scope.window.countAt(clocks.steadyMs)),
      verdict,
    };
  }

  /** @returns what an attempt uses from now on; `null` where the scope's cost and tokens are not given out */
  take(bound: Held): Holding | null {
    this.isUsed = true;
    if (!this.scope.isStrict) return null;
    this.holdings.current?.take(bound);
    return this.holdings.current;
  }

  /** What attempts hold in the period and generation that count; it goes on to change. */
  heldAt(clocks: Clocks): Held {
    this.follow(clocks);
    return this.holdings.heldAt(clocks.nowMs);
  }

  /** A request waits for what is missing here. It says so again when an answer did not bring it. */
  wait(lack: Lack): void {
    if (this.isLeaving) return;
    this.lack = {
      costPicodollars: this.lack.costPicodollars + lack.costPicodollars,
      tokens: this.lack.tokens + lack.tokens,
      requests: this.lack.requests + lack.requests,
    };
  }

  /** The gateway takes no more requests. */
  leave(): void {
    this.isLeaving = true;
    this.lack = NO_LACK;
    this.returnDueAtMs = 0;
  }

  /** Somebody lacks what may be idle here. @param recall as the scope's meter says; one that is known says nothing */
  recalled(recall: number): void {
    if (recall <= this.recall) return;
    this.recall = recall;
    this.isRecalled = this.has;
  }

  /** Whether it will have something to say in a moment, if not now: somebody waits. */
  get isAwaited(): boolean {
    return isSome(this.lack) || this.isRecalled;
  }

  /** Whether nothing of the scope has to be remembered here any more. */
  isEmpty(clocks: Clocks): boolean {
    this.follow(clocks);
    return !this.has && !this.holdings.owes && !isSome(this.lack) && !this.last.isPaced(clocks);
  }

  /** Whether it has something to say to metering. */
  isDue(clocks: Clocks): boolean {
    this.follow(clocks);
    const { leaseMs } = clocks;
    if (this.isRecalled) return !this.last.isFresh(clocks);
    if (this.returnDueAtMs !== null && leaseMs >= this.returnDueAtMs && this.holdings.hasReturns) return true;
    if (this.isLeaving) return this.has;
    if (this.last.isPaced(clocks)) return false;
    return isSome(this.lack) || this.isOld(leaseMs) || this.hasLittle(clocks);
  }

  /** What it has to say, the period that counts first; from now on no more is used than that. */
  asks(clocks: Clocks): ScopeAsk[] {
    this.follow(clocks);
    const { isUsed, isRecalled, calledAtMs } = this;
    this.before = { calledAtMs, isUsed, isRecalled };
    this.returnDueAtMs = this.holdings.owes ? clocks.leaseMs + RETURN_WITHIN_MS : null;
    const ask = this.has || isSome(this.lack) ? this.ask(clocks) : null;
    const returns = this.holdings.returns(ask);
    return ask ? [ask, ...returns] : returns;
  }

  /** @param sentAtMs when the call left, by the lease clock: a share is good for {@link LEASE_MS} from then */
  answered(ask: ScopeAsk, answer: ScopeAnswer, sentAtMs: number, clocks: Clocks): void {
    this.holdings.answered(ask, answer);
    if (ask.wants !== 'nothing') {
      this.last.hear(ask, answer, clocks);
      if (answer.outcome !== 'behind') this.revision = ask.limitRevision;
      const isShared = answer.share > 0 || (ask.requests?.keeps ?? 0) > 0;
      this.share = isShared ? { size: answer.share, expiresAtMs: sentAtMs + LEASE_MS } : null;
      this.reach = this.left(clocks);
    }
    if (!this.has) this.calledAtMs = null;
  }

  /** The call did not arrive, or nobody knows whether it did. */
  failed(ask: ScopeAsk, { leaseMs }: Clocks): void {
    this.holdings.doubt(ask);
    this.returnDueAtMs ??= leaseMs + RETURN_WITHIN_MS;
    const { calledAtMs, isUsed, isRecalled } = this.before;
    this.isUsed ||= isUsed;
    this.isRecalled ||= isRecalled;
    this.calledAtMs = this.has ? calledAtMs : null;
    this.last.forget();
  }

  private get isGood(): boolean {
    return this.revision === this.scope.limitRevision;
  }

  private get has(): boolean {
    return this.holdings.current !== null || this.share !== null;
  }

  private follow({ nowMs, leaseMs }: Clocks): void {
    if (this.holdings.follow(nowMs, this.isLeaving)) this.returnDueAtMs ??= leaseMs + RETURN_WITHIN_MS;
  }

  /** What may be used under the limits and in the period that count now; below zero where more is used. */
  private left(clocks: Clocks): Lack {
    this.follow(clocks);
    const { share, scope } = this;
    const { current } = this.holdings;
    const { steadyMs, leaseMs } = clocks;
    const size = share && leaseMs < share.expiresAtMs && this.isGood ? share.size : 0;
    // Every request asks, and a spread is what most of the answer would cost.
    const { costPicodollars, tokens } = current && this.isGood ? current.room : NOTHING;
    return { costPicodollars, tokens, requests: size - scope.window.countAt(steadyMs) };
  }

  private isOld(leaseMs: number): boolean {
    return this.calledAtMs !== null && leaseMs - this.calledAtMs >= RENEW_AFTER_MS;
  }

  private hasLittle(clocks: Clocks): boolean {
    if (!this.last.more || !this.isUsed) return false;
    const left = this.left(clocks);
    const { costPicodollars, tokens, requests } = this.reach;
    return (
      (costPicodollars > 0n && left.costPicodollars * BigInt(LITTLE) < costPicodollars) ||
      (tokens > 0 && left.tokens * LITTLE < tokens) ||
      (requests > 0 && left.requests * LITTLE < requests)
    );
  }

  private ask(clocks: Clocks): ScopeAsk {
    const { nowMs, leaseMs } = clocks;
    const { scope, lack, isRecalled } = this;
    const holding = this.holdings.spokenOf(nowMs);
    const isIdle = this.isLeaving || (this.isOld(leaseMs) && !this.isUsed && !isSome(lack));
    const leaves = this.isLeaving || (isIdle && !holding?.isHeld);
    // What was granted under former limits is kept no further than it is used.
    const keepsAll = !isIdle && !isRecalled && this.isGood;
    const uses = holding?.busy ?? NOTHING;
    const keeps = holding && keepsAll ? max(holding.granted, uses) : uses;
    holding?.keep(keeps);
    const requests = this.askRequests(clocks, keepsAll, leaves);
    this.isRecalled = false;
    this.isUsed = false;
    this.lack = NO_LACK;
    this.calledAtMs = leaseMs;
    return {
      scopeId: scope.id,
      atMs: nowMs,
      period: scope.periodAt(nowMs),
      generation: scope.generation,
      limitRevision: scope.limitRevision,
      allowanceId: holding?.id ?? null,
      keeps,
      uses,
      needs: beyond(lack, keeps, uses),
      requests,
      wants: leaves ? 'nothing' : isIdle || isRecalled ? 'needs' : 'part',
    };
  }

  private askRequests({ leaseMs, steadyMs }: Clocks, keepsAll: boolean, leaves: boolean): Ask['requests'] {
    const { share, scope, lack } = this;
    if (scope.allowed.requestsPerMinute === null && share === null) return null;
    const size = share && leaseMs < share.expiresAtMs ? share.size : 0;
    const uses = scope.window.countAt(steadyMs);
    const keeps = keepsAll ? Math.max(size, uses) : uses;
    this.share = share && !leaves ? { ...share, size: Math.min(keeps, size) } : null;
    return { keeps, uses, needs: Math.max(0, lack.requests - (keeps - uses)) };
  }
}

const larger = (a: bigint, b: bigint) => (b > a ? b : a);
const max = (a: Held, b: Held): Held => ({
  costPicodollars: larger(a.costPicodollars, b.costPicodollars),
  tokens: Math.max(a.tokens, b.tokens),
});

/** What waiting requests lack beyond what is kept and idle. */
function beyond(lack: Held, keeps: Held, uses: Held): Held {
  const cost = lack.costPicodollars - (keeps.costPicodollars - uses.costPicodollars);
  return {
    costPicodollars: lack.costPicodollars > 0n && cost > 0n ? cost : 0n,
    tokens: lack.tokens > 0 ? Math.max(0, lack.tokens - (keeps.tokens - uses.tokens)) : 0,
  };
}
