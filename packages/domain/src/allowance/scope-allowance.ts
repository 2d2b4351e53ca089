import type { ScopeKind } from '@tollgate/contracts/limits';
import type { Allowed } from '../admission/admit.ts';
import type { Held } from '../admission/holds.ts';
import type { RollingWindow } from '../admission/rolling-window.ts';
import type { Period } from '../period.ts';
import type { Ask, Decision } from './decide.ts';
import { LEASE_MS } from './holder.ts';
import { Holding } from './holding.ts';

/** A key, team or organization as the gateway knows it at any moment. */
export interface AllowedScope {
  readonly kind: ScopeKind;
  readonly id: string;
  readonly generation: number;
  readonly limitRevision: number;
  readonly allowed: Allowed;
  /** Whether its enforcement is `hard`. */
  readonly isStrict: boolean;
  readonly window: RollingWindow;
  /** The period, by the scope's recurrence of now, that contains an instant of the gateway's wall clock. */
  periodAt(nowMs: number): Period;
}

/** A gateway's clocks, in ms. */
export interface Clocks {
  /** The wall's, which stamps admissions: their period is the one that contains it. */
  readonly nowMs: number;
  /** One that no correction moves, and that may stand still while the machine sleeps: for windows, which then close late. */
  readonly steadyMs: number;
  /** One that goes with whichever of the two went further, and never back: for leases, which then end early. */
  readonly leaseMs: number;
}

/** What a request may still take of a scope here; `null` is no limit. */
export interface Rooms {
  readonly costPicodollars: bigint | null;
  readonly tokens: number | null;
  readonly requests: number | null;
  /**
   * Where there is too little: `ask` metering; `waiting`: it has asked others for theirs; `short`: it has no more for
   * now; `away`: it does not answer.
   */
  readonly verdict: 'ask' | 'waiting' | 'short' | 'away';
}

/** What requests wait for. */
export interface Lack extends Held {
  readonly requests: number;
}

/** What the gateway says of a scope in a call; see {@link Ask}. */
export interface ScopeAsk extends Pick<Ask, 'generation' | 'limitRevision' | 'allowanceId' | 'wants'> {
  readonly scopeId: string;
  readonly period: Period;
  /** An instant of the period that it is about, in ms. */
  readonly atMs: number;
  readonly keeps: Held;
  readonly uses: Held;
  readonly needs: Held;
  readonly requests: Ask['requests'];
}

/** What metering answers of a scope. */
export interface ScopeAnswer extends Pick<Decision, 'outcome' | 'more' | 'againMs'> {
  readonly allowanceId: string | null;
  /** In all, of that allowance. */
  readonly granted: Held;
  /** Of the window. */
  readonly share: number;
}

const NOTHING: Held = { costPicodollars: 0n, tokens: 0 };
const NO_LACK: Lack = { ...NOTHING, requests: 0 };

/** What is used is renewed when it is this old; what is not is given up. */
export const RENEW_AFTER_MS = 55_000;
/** Between two calls about a scope. */
const ASK_EVERY_MS = 100;
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
  private current: Holding | null = null;
  /** Of periods and generations that are over; given back when no attempt is under way on them. */
  private former: Holding[] = [];
  /** Asks that nobody knows to have been heard: there may be an allowance whose name never came. */
  private unsure: ScopeAsk[] = [];
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
  private latest: { readonly ask: ScopeAsk; readonly answer: ScopeAnswer; readonly atMs: number } | null =
    null;
  /** What there was to use after the latest answer. */
  private reach = NO_LACK;

  constructor(readonly scope: AllowedScope) {}

  /** What may be used now. @param fallback the share of the window while metering does not answer, else `null` */
  rooms(clocks: Clocks, fallback: number | null): Rooms {
    const { allowed, isStrict } = this.scope;
    const verdict = this.verdict(clocks, fallback !== null);
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
    this.current?.take(bound);
    return this.current;
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

  /** Whether requests wait for an answer about it. */
  get isAwaited(): boolean {
    return isSome(this.lack);
  }

  /** Whether nothing of the scope has to be remembered here any more. */
  isEmpty(clocks: Clocks): boolean {
    this.follow(clocks);
    return !this.has && !this.owes && !isSome(this.lack) && !this.isPaced(clocks);
  }

  /** Whether it has something to say to metering. */
  isDue(clocks: Clocks): boolean {
    this.follow(clocks);
    const { leaseMs } = clocks;
    if (this.isRecalled) return true;
    if (this.returnDueAtMs !== null && leaseMs >= this.returnDueAtMs && this.hasReturns) return true;
    if (this.isLeaving) return this.has;
    if (this.isPaced(clocks)) return false;
    return isSome(this.lack) || this.isOld(leaseMs) || this.hasLittle(clocks);
  }

  /** What it has to say; from now on no more is used than that. */
  asks(clocks: Clocks): ScopeAsk[] {
    this.follow(clocks);
    const { isUsed, isRecalled, calledAtMs } = this;
    this.before = { calledAtMs, isUsed, isRecalled };
    this.returnDueAtMs = this.owes ? clocks.leaseMs + RETURN_WITHIN_MS : null;
    const returns = this.former.filter(({ isHeld }) => !isHeld).map((one) => this.giveBack(one));
    const speaks = this.has || isSome(this.lack);
    const all = speaks ? [this.ask(clocks), ...returns] : returns;
    // An ask of the same place finds the allowance by its place; and so it would find one that is still used.
    const isOpen = (place: Place) => this.former.some((one) => one.isHeld && isOfOnePlace(one, place));
    const unnamed = this.unsure.filter((one) => !(speaks && isOfOnePlace(all[0]!, one)) && !isOpen(one));
    return [...all, ...unnamed.map(abandon)];
  }

  /** @param sentAtMs when the call left, by the lease clock: what it brings is good for {@link LEASE_MS} from then */
  answered(ask: ScopeAsk, answer: ScopeAnswer, sentAtMs: number, clocks: Clocks): void {
    if (ask.wants !== 'nothing' || ask.allowanceId === null) {
      this.unsure = this.unsure.filter((one) => !isOfOnePlace(ask, one));
    }
    if (ask.wants === 'nothing') {
      this.giveUp(ask.allowanceId);
      return;
    }
    this.latest = { ask, answer, atMs: clocks.leaseMs };
    if (answer.outcome !== 'behind') this.revision = ask.limitRevision;
    this.takeGrant(ask, answer);
    const isShared = answer.share > 0 || (ask.requests?.keeps ?? 0) > 0;
    this.share = isShared ? { size: answer.share, expiresAtMs: sentAtMs + LEASE_MS } : null;
    if (!this.has) this.calledAtMs = null;
    this.reach = this.left(clocks);
  }

  /** The call did not arrive, or nobody knows whether it did. */
  failed(ask: ScopeAsk, { leaseMs }: Clocks): void {
    const isTold = ask.wants === 'nothing' && ask.allowanceId !== null;
    if (!isTold && !this.unsure.some((one) => isOfOnePlace(ask, one))) this.unsure.push(ask);
    this.returnDueAtMs ??= leaseMs + RETURN_WITHIN_MS;
    const { calledAtMs, isUsed, isRecalled } = this.before;
    this.isUsed ||= isUsed;
    this.isRecalled ||= isRecalled;
    this.calledAtMs = this.has ? calledAtMs : null;
    this.latest = null;
  }

  private get isGood(): boolean {
    return this.revision === this.scope.limitRevision;
  }

  private get has(): boolean {
    return this.current !== null || this.share !== null;
  }

  /** Whether something of it is to be given back, be it not yet. */
  private get owes(): boolean {
    return this.former.length + this.unsure.length > 0;
  }

  private get hasReturns(): boolean {
    return this.unsure.length > 0 || this.former.some(({ isHeld }) => !isHeld);
  }

  private giveUp(id: string | null): void {
    this.former = this.former.filter((one) => one.id !== id || one.isHeld);
    if (this.current && this.current.id === id) {
      if (this.current.isHeld) this.former.push(this.current);
      this.current = null;
    }
    if (!this.has) this.calledAtMs = null;
  }

  private takeGrant(ask: ScopeAsk, { allowanceId: id, granted }: ScopeAnswer): void {
    const { current } = this;
    if (current && current.id === id) {
      current.grant(granted);
      return;
    }
    // Its records have come to all that it was, or it is no more: what is granted from now on is another.
    if (current && current.id === ask.allowanceId) this.retire();
    if (id === null || this.former.some((one) => one.id === id)) return;
    const holding = new Holding(id, ask.period, ask.generation);
    holding.grant(granted);
    if (this.current) this.former.push(this.current);
    this.current = holding;
  }

  /** Leaves behind what is of a period or generation that is over, and takes up again what is not. */
  private follow({ nowMs, leaseMs }: Clocks): void {
    const { current, scope } = this;
    if (!current && this.former.length === 0) return;
    const place = { period: scope.periodAt(nowMs), generation: scope.generation };
    if (current && isOfOnePlace(current, place)) return;
    this.retire();
    this.current = this.isLeaving ? null : this.ofPlace(place);
    this.former = this.former.filter((one) => one !== this.current);
    this.returnDueAtMs ??= leaseMs + RETURN_WITHIN_MS;
  }

  private ofPlace(place: Place): Holding | null {
    return this.former.find((one) => isOfOnePlace(one, place)) ?? null;
  }

  private retire(): void {
    if (this.current) this.former.push(this.current);
    this.current = null;
  }

  /** What may be used under the limits and in the period that count now; below zero where more is used. */
  private left(clocks: Clocks): Lack {
    this.follow(clocks);
    const { share, scope, current } = this;
    const { steadyMs, leaseMs } = clocks;
    const size = share && leaseMs < share.expiresAtMs && this.isGood ? share.size : 0;
    const room = current && this.isGood ? current.room : NOTHING;
    return { ...room, requests: size - scope.window.countAt(steadyMs) };
  }

  /** What metering last said holds for the limits, generation and period that it was asked about. */
  private isAbout({ nowMs }: Clocks, { generation, limitRevision, period }: ScopeAsk): boolean {
    const { scope } = this;
    if (generation !== scope.generation || limitRevision !== scope.limitRevision) return false;
    return period.id === scope.periodAt(nowMs).id;
  }

  /** Whether asking again so soon is in vain. */
  private isPaced(clocks: Clocks): boolean {
    const { latest } = this;
    if (!latest || !this.isAbout(clocks, latest.ask)) return false;
    return clocks.leaseMs < latest.atMs + Math.max(latest.answer.againMs, ASK_EVERY_MS);
  }

  private verdict(clocks: Clocks, isAway: boolean): Rooms['verdict'] {
    const { latest } = this;
    if (latest && this.isAbout(clocks, latest.ask)) {
      if (latest.answer.outcome === 'waiting') return 'waiting';
      if (latest.answer.outcome === 'short' && this.isPaced(clocks)) return 'short';
    }
    return isAway ? 'away' : 'ask';
  }

  private isOld(leaseMs: number): boolean {
    return this.calledAtMs !== null && leaseMs - this.calledAtMs >= RENEW_AFTER_MS;
  }

  private hasLittle(clocks: Clocks): boolean {
    if (!this.latest?.answer.more || !this.isUsed) return false;
    const left = this.left(clocks);
    const { costPicodollars, tokens, requests } = this.reach;
    return (
      (costPicodollars > 0n && left.costPicodollars * BigInt(LITTLE) < costPicodollars) ||
      (tokens > 0 && left.tokens * LITTLE < tokens) ||
      (requests > 0 && left.requests * LITTLE < requests)
    );
  }

  private ask({ nowMs, steadyMs, leaseMs }: Clocks): ScopeAsk {
    const { scope, lack, isRecalled } = this;
    const period = scope.periodAt(nowMs);
    // One that attempts are still under way on is not found by its place, as if nothing were.
    const current = this.current ?? this.ofPlace({ period, generation: scope.generation });
    const isIdle = this.isLeaving || (this.isOld(leaseMs) && !this.isUsed && !isSome(lack));
    const leaves = this.isLeaving || (isIdle && !current?.isHeld);
    const keepsAll = !isIdle && !isRecalled && this.isGood;
    const uses = current?.busy ?? NOTHING;
    const keeps = current && keepsAll ? max(current.granted, uses) : uses;
    current?.grant(keeps);
    const requests = this.askRequests(leaseMs, steadyMs, keepsAll, leaves);
    this.isRecalled = false;
    this.isUsed = false;
    this.lack = NO_LACK;
    this.calledAtMs = leaseMs;
    return {
      scopeId: scope.id,
      atMs: nowMs,
      period,
      generation: scope.generation,
      limitRevision: scope.limitRevision,
      allowanceId: current?.id ?? null,
      keeps,
      uses,
      needs: beyond(lack, keeps, uses),
      requests,
      wants: leaves ? 'nothing' : isIdle || isRecalled ? 'needs' : 'part',
    };
  }

  private askRequests(
    leaseMs: number,
    steadyMs: number,
    keepsAll: boolean,
    leaves: boolean,
  ): Ask['requests'] {
    const { share, scope, lack } = this;
    if (scope.allowed.requestsPerMinute === null && share === null) return null;
    const size = share && leaseMs < share.expiresAtMs ? share.size : 0;
    const uses = scope.window.countAt(steadyMs);
    const keeps = keepsAll ? Math.max(size, uses) : uses;
    this.share = share && !leaves ? { ...share, size: Math.min(keeps, size) } : null;
    return { keeps, uses, needs: Math.max(0, lack.requests - (keeps - uses)) };
  }

  private giveBack(holding: Holding): ScopeAsk {
    const { id, period, generation, busy } = holding;
    holding.grant(busy);
    return {
      scopeId: this.scope.id,
      atMs: period.startMs ?? 0,
      period,
      generation,
      limitRevision: this.scope.limitRevision,
      allowanceId: id,
      keeps: busy,
      uses: busy,
      needs: NOTHING,
      requests: null,
      wants: 'nothing',
    };
  }
}

type Place = Pick<ScopeAsk, 'period' | 'generation'>;
const isOfOnePlace = (a: Place, b: Place) => a.period.id === b.period.id && a.generation === b.generation;

/** Gives back what may have been granted without this gateway's knowing. */
const abandon = (ask: ScopeAsk): ScopeAsk => ({
  ...ask,
  allowanceId: null,
  keeps: NOTHING,
  uses: NOTHING,
  needs: NOTHING,
  requests: null,
  wants: 'nothing',
});

const isSome = ({ costPicodollars, tokens, requests }: Lack) =>
  costPicodollars > 0n || tokens > 0 || requests > 0;

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
