interface Records {
  readonly events: readonly unknown[];
}

interface Waiting<Batch> {
  readonly batch: Batch;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A transaction's length is the breach of whoever waits behind it. */
const MOST_RECORDS = 5_000;

/**
 * Has the batches that come while a transaction runs share the next one: the totals that all of them add to are
 * locked, read and written once, and a transaction costs the same for one partition as for twelve.
 *
 * idle → folding (others wait) → folding what waited → … → idle
 */
export class FoldQueue<Batch extends Records> {
  private readonly waiting: Waiting<Batch>[] = [];
  private folding = false;

  /** @param foldBatches folds batches of different partitions, all or none */
  constructor(private readonly foldBatches: (batches: readonly Batch[]) => Promise<void>) {}

  /** Resolves when the batch is folded. */
  fold(batch: Batch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ batch, resolve, reject });
      if (!this.folding) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.folding = true;
    while (this.waiting.length > 0) await this.foldTogether(this.take());
    this.folding = false;
  }

  private take(): Waiting<Batch>[] {
    let records = 0;
    let count = 0;
    for (const { batch } of this.waiting) {
      records += batch.events.length;
      if (count > 0 && records > MOST_RECORDS) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async foldTogether(group: readonly Waiting<Batch>[]): Promise<void> {
    try {
      await this.foldBatches(group.map(({ batch }) => batch));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1) return group[0]!.reject(error);
      // One batch that cannot be folded must not hold up the others.
      for (const one of group) await this.foldTogether([one]);
    }
  }
}
