import { MOST_WATCHED } from '@tollgate/contracts/stream-http';

/** What scrolls by, or is replaced by the next screen at once, is not watched one by one. */
const SETTLE_MS = 50;

/** Which scopes the parts of the page want to hear of, each as often as it is wanted. */
export class WatchList {
  private readonly wanted = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly onChange: (scopeIds: string[]) => void) {}

  /** @returns what ends it */
  add(scopeIds: readonly string[]): () => void {
    for (const id of scopeIds) this.wanted.set(id, (this.wanted.get(id) ?? 0) + 1);
    this.tellSoon();
    return () => {
      for (const id of scopeIds) {
        const left = (this.wanted.get(id) ?? 1) - 1;
        if (left === 0) this.wanted.delete(id);
        else this.wanted.set(id, left);
      }
      this.tellSoon();
    };
  }

  private tellSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.onChange([...this.wanted.keys()].slice(0, MOST_WATCHED)), SETTLE_MS);
  }
}
