import type { OverviewMeter } from '@tollgate/contracts/admin-http';

export interface LiveMeter {
  readonly meter: OverviewMeter;
  readonly last_used_at: string | null;
}

/** The last meter of each scope that the page watches. A row hears of its own scope alone. */
export class Meters {
  private readonly known = new Map<string, LiveMeter>();
  private readonly listeners = new Map<string, Set<() => void>>();

  get(scopeId: string): LiveMeter | undefined {
    return this.known.get(scopeId);
  }

  set(scopeId: string, meter: LiveMeter): void {
    this.known.set(scopeId, meter);
    for (const tell of this.listeners.get(scopeId) ?? []) tell();
  }

  /** Forgets what is watched no more, so that a long session holds no more than a page. */
  keepOnly(scopeIds: ReadonlySet<string>): void {
    for (const id of this.known.keys()) if (!scopeIds.has(id)) this.known.delete(id);
  }

  listen(scopeId: string, tell: () => void): () => void {
    const set = this.listeners.get(scopeId) ?? new Set();
    this.listeners.set(scopeId, set.add(tell));
    return () => {
      set.delete(tell);
      if (set.size === 0) this.listeners.delete(scopeId);
    };
  }
}
