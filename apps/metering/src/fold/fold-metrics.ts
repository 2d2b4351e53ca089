import { Counter, Histogram } from 'prom-client';
import type { FoldOutcome } from './fold-batches.ts';

const NOTHING: FoldOutcome = {
  recorded: 0,
  duplicates: 0,
  quarantined: { ahead: 0, behind: 0, malformed: 0 },
  alreadyFolded: 0,
  conflicting: [],
};

/**
 * Every record of the usage topic that was consumed is counted once, by what became of it: with the dead letters,
 * these are all.
 */
export class FoldMetrics {
  readonly batchSeconds = new Histogram({
    name: 'tollgate_fold_batch_seconds',
    help: 'Duration of the transaction that folds a batch of usage records',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  readonly delaySeconds = new Histogram({
    name: 'tollgate_fold_delay_seconds',
    help: "From the moment the broker had a batch's first record to the commit that counts it",
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  });
  private readonly records = new Counter({
    name: 'tollgate_usage_records_total',
    help: 'Records of the usage topic by outcome: recorded, duplicate, already_folded, quarantined_<reason>, ignored',
    labelNames: ['outcome'],
  });
  private readonly conflicts = new Counter({
    name: 'tollgate_usage_conflicts_total',
    help: 'Duplicates that tell of other usage than the record that counts; should stay 0',
  });

  constructor() {
    // An increase is only seen of what was there before it.
    this.countIgnored(0);
    this.count(NOTHING);
  }

  /** Counts records that are not usage, such as refusals. */
  countIgnored(count: number): void {
    this.records.inc({ outcome: 'ignored' }, count);
  }

  count({ recorded, duplicates, alreadyFolded, quarantined, conflicting }: FoldOutcome): void {
    this.records.inc({ outcome: 'recorded' }, recorded);
    this.records.inc({ outcome: 'duplicate' }, duplicates);
    this.records.inc({ outcome: 'already_folded' }, alreadyFolded);
    for (const [reason, count] of Object.entries(quarantined)) {
      this.records.inc({ outcome: `quarantined_${reason}` }, count);
    }
    this.conflicts.inc(conflicting.length);
  }
}
