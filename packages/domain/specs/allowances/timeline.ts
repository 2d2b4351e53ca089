interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly what: () => void;
}

/** Virtual time: what is planned happens in order of its instant, and nothing else takes any time. */
export class Timeline {
  private readonly heap: Entry[] = [];
  private order = 0;

  constructor(public nowMs: number) {}

  after(delayMs: number, what: () => void): void {
    this.order += 1;
    const entry = { atMs: this.nowMs + delayMs, order: this.order, what };
    let at = this.heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, this.heap[parent]!)) break;
      this.heap[at] = this.heap[parent]!;
      at = parent;
    }
    this.heap[at] = entry;
  }

  /** Has the next thing happen that is planned before an instant; `false` where there is none. */
  step(beforeMs: number): boolean {
    const first = this.heap[0];
    if (!first || first.atMs > beforeMs) return false;
    this.nowMs = first.atMs;
    this.removeFirst();
    first.what();
    return true;
  }

  private removeFirst(): void {
    const last = this.heap.pop()!;
    if (this.heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.heap.length) break;
      if (child + 1 < this.heap.length && isBefore(this.heap[child + 1]!, this.heap[child]!)) child += 1;
      if (!isBefore(this.heap[child]!, last)) break;
      this.heap[at] = this.heap[child]!;
      at = child;
    }
    this.heap[at] = last;
  }
}

const isBefore = (a: Entry, b: Entry) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
