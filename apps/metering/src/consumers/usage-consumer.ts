import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { Tracer } from '@opentelemetry/api';
import { FoldQueue } from '@tollgate/event-store/fold-queue';
import type { Batch } from '@tollgate/kafka/batch-server';
import type { Logger } from '@tollgate/service-kit/log';
import { DataSource } from 'typeorm';
import { type FoldOutcome, foldBatches } from '../fold/fold-batches.ts';
import { FoldMetrics } from '../fold/fold-metrics.ts';
import { FoldTrace } from '../fold/fold-trace.ts';
import { TRACER } from '../fold/tracer.ts';
import { usageEvents } from '../fold/usage-entry.ts';
import { LOGGER } from '../logger.ts';

/** ⑤ Usage records become ledger, totals and meters. */
@Controller()
export class UsageConsumer {
  private readonly queue: FoldQueue<Batch>;

  constructor(
    @Inject(DataSource) private readonly db: DataSource,
    @Inject(FoldMetrics) private readonly metrics: FoldMetrics,
    @Inject(TRACER) private readonly tracer: Tracer | null,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.queue = new FoldQueue((batches) => this.foldTogether(batches));
  }

  @EventPattern('usage')
  async fold(@Payload() batch: Batch): Promise<void> {
    await this.queue.fold(batch);
  }

  private async foldTogether(batches: readonly Batch[]): Promise<void> {
    const stopTimer = this.metrics.batchSeconds.startTimer();
    const trace = this.tracer && new FoldTrace(this.tracer, batches);
    let failed = true;
    try {
      const outcome = await foldBatches(this.db, batches, Date.now(), trace);
      failed = false;
      stopTimer();
      this.note(batches, outcome);
    } finally {
      trace?.end(failed);
    }
  }

  private note(batches: readonly Batch[], outcome: FoldOutcome): void {
    const { metrics, logger } = this;
    const nowMs = Date.now();
    for (const batch of batches) {
      const [first] = batch.events;
      if (first) metrics.delaySeconds.observe(Math.max(0, nowMs - first.timestampMs) / 1_000);
      metrics.countIgnored(batch.events.length - usageEvents(batch).length);
    }
    metrics.count(outcome);
    if (outcome.conflicting.length > 0) {
      const ids = outcome.conflicting.slice(0, 10);
      logger.warn({ ids }, 'records repeat an id with other usage');
    }
    if (Object.values(outcome.quarantined).some((count) => count > 0)) {
      logger.warn({ quarantined: outcome.quarantined }, 'records went to quarantine');
    }
  }
}
