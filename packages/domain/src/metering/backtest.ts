import { RollingWindow } from '../admission/rolling-window.ts';
import { type Period, periodsOf, type Recurrence } from '../period.ts';
import {
  blockedDimensions,
  type CountedDimension,
  type CountedLimits,
  NO_USE,
  plus,
  type Totals,
} from './meter.ts';

/** An attempt of the past: when it was admitted and settled (ms), and what it used. */
export interface PastAttempt {
  /** `req_…/1`: attempts of one request share what stands before the slash. */
  readonly id: string;
  readonly admittedAtMs: number;
  readonly settledAtMs: number;
  readonly cost: bigint;
  readonly tokens: bigint;
}

export interface ProposedLimits extends CountedLimits, Recurrence {
  readonly requestsPerMinute: number | null;
}

export type Refusal = 'requests_per_minute' | CountedDimension;

/** What would have come of a period's requests. */
export interface BacktestedPeriod {
  readonly period: Period;
  requests: number;
  refused: number;
  firstRefusedAtMs: number | null;
  used: Totals;
}

interface InFlight {
  readonly settledAtMs: number;
  readonly of: BacktestedPeriod;
  readonly used: Totals;
}

/** Attempts of one request come close together; more need not be remembered. */
const REQUESTS_REMEMBERED = 10_000;

/**
 * What limits would have refused of past traffic, under soft enforcement by a single gateway: a request is admitted
 * while what had settled by then was below the limits, and what is refused uses nothing. Manual resets are left out:
 * nobody knows whether they would have been made.
 */
export class Backtest {
  readonly periods: BacktestedPeriod[] = [];
  readonly refusals: Record<Refusal, number> = { requests_per_minute: 0, cost_usd: 0, tokens: 0 };
  /** What the refused requests had used. */
  saved: Totals = NO_USE;
  private readonly window = new RollingWindow();
  private readonly periodOf: (instantMs: number) => Period;
  private readonly byId = new Map<string, BacktestedPeriod>();
  private readonly decided = new Map<string, Refusal | null>();
  /** By when they settle. */
  private readonly inFlight: InFlight[] = [];

  constructor(private readonly limits: ProposedLimits) {
    this.periodOf = periodsOf(limits);
  }

  /** Takes the next attempt; they come in the order of their admission. */
  next(attempt: PastAttempt): Refusal | null {
    this.settleUntil(attempt.admittedAtMs);
    const period = this.find(this.periodOf(attempt.admittedAtMs));
    const request = attempt.id.slice(0, attempt.id.lastIndexOf('/')) || attempt.id;
    const isAdmission = !this.decided.has(request);
    const refusal = isAdmission ? this.admit(period, attempt.admittedAtMs) : this.decided.get(request)!;
    if (isAdmission) this.remember(request, refusal);
    const used = { cost: attempt.cost, tokens: attempt.tokens, requests: 1n };
    if (refusal) this.saved = plus(this.saved, used);
    else this.fly({ settledAtMs: attempt.settledAtMs, of: period, used });
    return refusal;
  }

  /** Settles what is in flight after the last attempt. */
  end(): void {
    this.settleUntil(Number.POSITIVE_INFINITY);
  }

  private admit(period: BacktestedPeriod, atMs: number): Refusal | null {
    const { requestsPerMinute } = this.limits;
    const isFull = requestsPerMinute !== null && this.window.countAt(atMs) >= requestsPerMinute;
    const refusal = isFull ? 'requests_per_minute' : (blockedDimensions(period.used, this.limits)[0] ?? null);
    period.requests += 1;
    if (!refusal) {
      this.window.admit(atMs);
      return null;
    }
    period.refused += 1;
    period.firstRefusedAtMs ??= atMs;
    this.refusals[refusal] += 1;
    return refusal;
  }

  private remember(request: string, refusal: Refusal | null): void {
    this.decided.set(request, refusal);
    if (this.decided.size <= REQUESTS_REMEMBERED) return;
    const [oldest] = this.decided.keys();
    this.decided.delete(oldest!);
  }

  private fly(attempt: InFlight): void {
    let at = this.inFlight.length;
    while (at > 0 && this.inFlight[at - 1]!.settledAtMs > attempt.settledAtMs) at -= 1;
    this.inFlight.splice(at, 0, attempt);
  }

  private settleUntil(nowMs: number): void {
    let settled = 0;
    for (const { settledAtMs, of, used } of this.inFlight) {
      if (settledAtMs > nowMs) break;
      of.used = plus(of.used, used);
      settled += 1;
    }
    this.inFlight.splice(0, settled);
  }

  private find(period: Period): BacktestedPeriod {
    let found = this.byId.get(period.id);
    if (!found) {
      found = { period, requests: 0, refused: 0, firstRefusedAtMs: null, used: NO_USE };
      this.byId.set(period.id, found);
      this.periods.push(found);
    }
    return found;
  }
}
