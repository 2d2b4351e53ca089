import { type Held, NOTHING } from './held.ts';
import type { Holder } from './holder.ts';
import { ScopeAllowance } from './scope-allowance.ts';
import type { AllowedScope, Clocks, Lack, ScopeAnswer, ScopeAsk } from './scope-terms.ts';

/** What a gateway says to metering. Calls of an incarnation are numbered; an older one than was heard is refused. */
export interface AllowanceCall {
  readonly holder: Holder;
  readonly number: number;
  /** Gateways that it takes to be live, itself included. */
  readonly live: number;
  readonly asks: readonly ScopeAsk[];
  /** When it left, by the lease clock. */
  readonly sentAtMs: number;
}

/** More follow in the next call. */
export const MOST_ASKS = 500;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 1_000;

/**
 * All that a gateway was given, and when and what it says of it to metering: one call at a time, about every scope that
 * has something to say. After a call that failed it pauses, 250 ms at first and a second at most.
 *
 * quiet → calling → quiet | pausing → calling …
 */
export class Allowances {
  private readonly scopes = new Map<string, ScopeAllowance>();
  /** Those with something new to say; the others are looked through by {@link look}. */
  private readonly due = new Set<string>();
  private number = 0;
  private calling: AllowanceCall | null = null;
  private failures = 0;
  private pausedUntilMs = 0;
  private isLeaving = false;

  constructor(private readonly holder: Holder) {}

  /** What the gateway has of a scope, from the first time that it is asked for. */
  of(scope: AllowedScope): ScopeAllowance {
    let allowance = this.scopes.get(scope.id);
    if (!allowance) {
      allowance = new ScopeAllowance(scope);
      this.scopes.set(scope.id, allowance);
    }
    return allowance;
  }

  /** What attempts hold of a scope's cost and tokens; it goes on to change. */
  heldOf({ id }: AllowedScope, clocks: Clocks): Held {
    return this.scopes.get(id)?.heldAt(clocks) ?? NOTHING;
  }

  /** Scopes of which something has to be remembered. */
  get size(): number {
    return this.scopes.size;
  }

  /** Whether metering did not answer the latest call. */
  get isAway(): boolean {
    return this.failures > 0;
  }

  /** Whether a call is under way. */
  isCalling(call: AllowanceCall): boolean {
    return this.calling === call;
  }

  /** Whether a call may be made now, if there is anything to say. */
  mayCall({ leaseMs }: Clocks): boolean {
    return this.calling === null && leaseMs >= this.pausedUntilMs;
  }

  /** Whether some scope has something to say, or will have in a moment. */
  get hasDue(): boolean {
    return this.due.size > 0;
  }

  /** A request waits for what it lacks of a scope. */
  wait(scope: AllowedScope, lack: Lack): void {
    this.of(scope).wait(lack);
    this.due.add(scope.id);
  }

  /** What a published meter says of who lacks what: {@link ScopeAllowance.recalled}. */
  recalled(scopeId: string, recall: number): void {
    const allowance = this.scopes.get(scopeId);
    if (!allowance) return;
    allowance.recalled(recall);
    this.due.add(scopeId);
  }

  /** Looks for what time alone makes due, and forgets scopes of which there is nothing. To be called twice a second. */
  look(clocks: Clocks): void {
    for (const [id, allowance] of this.scopes) {
      if (allowance.isDue(clocks)) this.due.add(id);
      else if (allowance.isEmpty(clocks) && !this.isAbout(id)) this.scopes.delete(id);
    }
  }

  /** The gateway takes no more requests: from now on everything is given back. */
  leave(): void {
    this.isLeaving = true;
    for (const [id, allowance] of this.scopes) {
      allowance.leave();
      this.due.add(id);
    }
  }

  /** Whether all was given back. */
  hasLeft(clocks: Clocks): boolean {
    if (!this.isLeaving || this.calling !== null) return false;
    return [...this.scopes.values()].every((allowance) => allowance.isEmpty(clocks));
  }

  /** The next call, or `null` where there is nothing to say or it may not be said now. */
  call(live: number, clocks: Clocks): AllowanceCall | null {
    if (!this.mayCall(clocks)) return null;
    const asks: ScopeAsk[] = [];
    for (const id of this.due) {
      if (asks.length >= MOST_ASKS) break;
      const allowance = this.scopes.get(id);
      const isDue = allowance?.isDue(clocks) ?? false;
      if (isDue || !allowance?.isAwaited) this.due.delete(id);
      if (!allowance || !isDue) continue;
      asks.push(...allowance.asks(clocks));
    }
    if (asks.length === 0) return null;
    this.number += 1;
    this.calling = { holder: this.holder, number: this.number, live, asks, sentAtMs: clocks.leaseMs };
    return this.calling;
  }

  /**
   * Metering has answered. An answer to another call than the latest changes nothing.
   * @param answers one for each ask, in order
   */
  answered(call: AllowanceCall, answers: readonly ScopeAnswer[], clocks: Clocks): void {
    if (this.calling !== call) return;
    this.calling = null;
    this.failures = 0;
    for (const [index, ask] of call.asks.entries()) {
      const allowance = this.scopes.get(ask.scopeId);
      allowance?.answered(ask, answers[index]!, call.sentAtMs, clocks);
      if (allowance?.isDue(clocks)) this.due.add(ask.scopeId);
    }
  }

  /** Metering did not answer in time; whether it heard is not known. */
  failed(call: AllowanceCall, clocks: Clocks): void {
    if (this.calling !== call) return;
    this.calling = null;
    this.pausedUntilMs = clocks.leaseMs + Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
    this.failures += 1;
    for (const ask of call.asks) {
      this.scopes.get(ask.scopeId)?.failed(ask, clocks);
      this.due.add(ask.scopeId);
    }
  }

  private isAbout(scopeId: string): boolean {
    return this.calling?.asks.some((ask) => ask.scopeId === scopeId) ?? false;
  }
}
