import type { AllowedScope, Clocks, Rooms, ScopeAnswer, ScopeAsk } from './scope-terms.ts';

/** Between two calls about a scope. */
const ASK_EVERY_MS = 100;

/** What metering last said of a scope: it holds for the limits, generation and period that it was asked about. */
export class LastAnswer {
  private last: { readonly ask: ScopeAsk; readonly answer: ScopeAnswer; readonly atMs: number } | null = null;

  constructor(private readonly scope: AllowedScope) {}

  hear(ask: ScopeAsk, answer: ScopeAnswer, { leaseMs }: Clocks): void {
    this.last = { ask, answer, atMs: leaseMs };
  }

  forget(): void {
    this.last = null;
  }

  /** Whether there was anything beyond what was given. */
  get more(): boolean {
    return this.last?.answer.more ?? false;
  }

  /** Whether metering was asked a moment ago, about whatever. */
  isFresh({ leaseMs }: Clocks): boolean {
    return this.last !== null && leaseMs < this.last.atMs + ASK_EVERY_MS;
  }

  /** Whether asking again so soon is in vain. */
  isPaced({ nowMs, leaseMs }: Clocks): boolean {
    const { last } = this;
    if (!last || !this.isAbout(nowMs, last.ask)) return false;
    return leaseMs < last.atMs + Math.max(last.answer.againMs, ASK_EVERY_MS);
  }

  verdict(clocks: Clocks, isAway: boolean): Rooms['verdict'] {
    const { last } = this;
    if (last && this.isAbout(clocks.nowMs, last.ask)) {
      if (last.answer.outcome === 'waiting') return 'waiting';
      if (last.answer.outcome === 'short' && this.isPaced(clocks)) return 'short';
    }
    return isAway ? 'away' : 'ask';
  }

  private isAbout(nowMs: number, { generation, limitRevision, period }: ScopeAsk): boolean {
    const { scope } = this;
    if (generation !== scope.generation || limitRevision !== scope.limitRevision) return false;
    return period.id === scope.periodAt(nowMs).id;
  }
}
