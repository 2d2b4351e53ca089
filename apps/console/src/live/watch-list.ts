/** The stream's own bound on how many scopes it watches. */
export const MOST_WATCHED = 250;

/** Which scopes the parts of the page want to hear of, each as often as it is wanted. */
export class WatchList {
  private readonly wanted = new Map<string, number>();

  constructor(private readonly onChange: (scopeIds: string[]) => void) {}

  /** @returns what ends it */
  add(scopeIds: readonly string[]): () => void {
    for (const id of scopeIds) this.wanted.set(id, (this.wanted.get(id) ?? 0) + 1);
    this.tell();
    return () => {
      for (const id of scopeIds) {
        const left = (this.wanted.get(id) ?? 1) - 1;
        if (left === 0) this.wanted.delete(id);
        else this.wanted.set(id, left);
      }
      this.tell();
    };
  }

  private tell() {
    this.onChange([...this.wanted.keys()].slice(0, MOST_WATCHED));
  }
}
