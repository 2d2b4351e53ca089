import { Counter, Histogram } from 'prom-client';
import type { FoldOutcome } from './fold-batches.ts';

/** Every record consumed is counted once, by what became of it. */
export class FoldMetrics {
  readonly batchSeconds = new Histogram({
    name: 'tollgate_billing_batch_seconds',
    help: 'Duration of the transaction that folds a batch of records into line items',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  private readonly consumed = new Counter({
    name: 'tollgate_billing_consumed_total',
    help: 'Records consumed, readable or not; the sum of tollgate_billing_records_total',
  });
  private readonly records = new Counter({
    name: 'tollgate_billing_records_total',
    help: 'Records by outcome: applied, duplicate, already_folded, ignored, dead_lettered, refused_<reason>',
    labelNames: ['outcome'],
  });

  count(outcome: FoldOutcome, consumed: number): void {
    this.consumed.inc(consumed);
    this.records.inc({ outcome: 'applied' }, outcome.applied);
    this.records.inc({ outcome: 'duplicate' }, outcome.duplicates);
    this.records.inc({ outcome: 'already_folded' }, outcome.alreadyFolded);
    this.records.inc({ outcome: 'ignored' }, outcome.ignored);
    this.records.inc({ outcome: 'dead_lettered' }, outcome.unreadable);
    for (const [reason, count] of Object.entries(outcome.refused)) {
      this.records.inc({ outcome: `refused_${reason}` }, count);
    }
  }
}
