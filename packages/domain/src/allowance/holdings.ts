import type { Period } from '../period.ts';
import { type Held, HeldSum, NOTHING } from './held.ts';
import { Holding } from './holding.ts';
import type { AllowedScope, ScopeAnswer, ScopeAsk } from './scope-terms.ts';

/** A period and generation, in which a gateway has one allowance of a scope at a time. */
export interface Place {
  readonly period: Period;
  readonly generation: number;
}

/**
 * What a gateway was given of one scope's cost and tokens: of the period and generation that count, and of those that
 * are over, which it gives back once no attempt is under way on them.
 *
 * current → former (over, or given up) → given back
 */
export class Holdings {
  private now: Holding | null = null;
  private former: Holding[] = [];
  /** Asks that nobody knows to have been heard: there may be an allowance whose name never came. */
  private unsure: ScopeAsk[] = [];

  constructor(private readonly scope: AllowedScope) {}

  get current(): Holding | null {
    return this.now;
  }

  /** What attempts hold of the place that counts; it goes on to change. */
  heldAt(nowMs: number): Held {
    if (this.former.length === 0) return this.now?.held ?? NOTHING;
    const place = this.placeAt(nowMs);
    const sum = new HeldSum();
    for (const one of [this.now, ...this.former]) if (one && isOfOnePlace(one, place)) sum.add(one.held);
    return sum;
  }

  /** Whether something is to be given back, be it not yet. */
  get owes(): boolean {
    return this.former.length + this.unsure.length > 0;
  }

  /** Whether something can be given back now. */
  get hasReturns(): boolean {
    return this.unsure.length > 0 || this.former.some(({ isHeld }) => !isHeld);
  }

  /**
   * Leaves behind what is of a place that is over, and takes up again what is of the one that counts.
   * @returns whether anything was left behind
   */
  follow(nowMs: number, isLeaving: boolean): boolean {
    if (!this.now && this.former.length === 0) return false;
    const place = this.placeAt(nowMs);
    if (this.now && isOfOnePlace(this.now, place)) return false;
    this.retire();
    this.now = isLeaving ? null : this.formerOf(place);
    this.former = this.former.filter((one) => one !== this.now);
    return true;
  }

  /** The one to speak of: a former one that attempts are under way on is not found by its place, as if none were. */
  spokenOf(nowMs: number): Holding | null {
    return this.now ?? this.formerOf(this.placeAt(nowMs));
  }

  /** What is given back; nothing of it is used from now on. @param ask what is said of the current place, if anything */
  returns(ask: ScopeAsk | null): ScopeAsk[] {
    const over = this.former.filter(({ isHeld }) => !isHeld).map((one) => this.giveBack(one));
    // Where no name is known the place is named, which must not find one that is still used.
    const isUsed = (place: Place) =>
      (ask !== null && isOfOnePlace(ask, place)) ||
      this.former.some((one) => one.isHeld && isOfOnePlace(one, place));
    return [...over, ...this.unsure.filter((one) => !isUsed(one)).map(abandon)];
  }

  /** Takes in what metering answered to an ask. */
  answered(ask: ScopeAsk, answer: ScopeAnswer): void {
    const leaves = ask.wants === 'nothing';
    if (!leaves || ask.allowanceId === null)
      this.unsure = this.unsure.filter((one) => !isOfOnePlace(ask, one));
    if (leaves) this.giveUp(ask.allowanceId);
    else this.take(ask, answer);
  }

  /** Nobody knows whether an ask was heard. */
  doubt(ask: ScopeAsk): void {
    const makesNone = ask.wants === 'nothing' && ask.allowanceId !== null;
    if (!makesNone && !this.unsure.some((one) => isOfOnePlace(ask, one))) this.unsure.push(ask);
  }

  private take(ask: ScopeAsk, { allowanceId: id, granted }: ScopeAnswer): void {
    if (this.now && this.now.id === id) {
      this.now.grant(granted);
      return;
    }
    // Its records have come to all that it was, or it is no more: what is granted from now on is another.
    if (this.now && this.now.id === ask.allowanceId) this.retire();
    if (id === null || this.former.some((one) => one.id === id)) return;
    this.retire();
    this.now = new Holding(this.scope.kind, id, ask.period, ask.generation);
    this.now.grant(granted);
  }

  private giveUp(id: string | null): void {
    this.former = this.former.filter((one) => one.id !== id || one.isHeld);
    if (!this.now || this.now.id !== id) return;
    if (this.now.isHeld) this.former.push(this.now);
    this.now = null;
  }

  private retire(): void {
    if (this.now) this.former.push(this.now);
    this.now = null;
  }

  private placeAt(nowMs: number): Place {
    return { period: this.scope.periodAt(nowMs), generation: this.scope.generation };
  }

  private formerOf(place: Place): Holding | null {
    return this.former.find((one) => isOfOnePlace(one, place)) ?? null;
  }

  private giveBack(holding: Holding): ScopeAsk {
    const { id, period, generation, busy } = holding;
    holding.keep(busy);
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
