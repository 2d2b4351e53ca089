import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { Tracer } from '@opentelemetry/api';
import { FoldQueue } from '@tollgate/event-store/fold-queue';
import type { Batch } from '@tollgate/kafka/batch-server';
import type { Logger } from '@tollgate/service-kit/log';
import { DataSource } from 'typeorm';
import { type FoldOutcome, foldBatches, type UsageBatch } from '../fold/fold-batches.ts';
import { FoldMetrics } from '../fold/fold-metrics.ts';
import { FoldTrace } from '../fold/fold-trace.ts';
import { TRACER } from '../fold/tracer.ts';
import { usageEvents } from '../fold/usage-entry.ts';
import { LOGGER } from '../logger.ts';

/** ⑤ Usage records become ledger, totals and meters. */
@Controller()
export class UsageConsumer {
  private readonly queue: FoldQueue<UsageBatch, FoldOutcome>;

  constructor(
    @Inject(DataSource) db: DataSource,
    @Inject(FoldMetrics) private readonly metrics: FoldMetrics,
    @Inject(TRACER) tracer: Tracer | null,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.queue = new FoldQueue(async (batches) => {
      const stopTimer = metrics.batchSeconds.startTimer();
      const trace = tracer && new FoldTrace(tracer, batches);
      let failed = true;
      try {
        const outcome = await foldBatches(db, batches, Date.now(), trace);
        failed = false;
        stopTimer();
        return outcome;
      } finally {
        trace?.end(failed);
      }
    });
  }

  @EventPattern('usage')
  async fold(@Payload() batch: Batch): Promise<void> {
    const outcome = await this.queue.fold(batch);
    const [first] = batch.events;
    if (first) this.metrics.delaySeconds.observe(Math.max(0, Date.now() - first.timestampMs) / 1_000);
    this.metrics.countIgnored(batch.events.length - usageEvents(batch).length);
    if (!outcome) return;
    this.metrics.count(outcome);
    if (outcome.conflicting.length > 0) {
      const ids = outcome.conflicting.slice(0, 10);
      this.logger.warn({ ids }, 'records repeat an id with other usage');
    }
    if (Object.values(outcome.quarantined).some((count) => count > 0)) {
      this.logger.warn({ quarantined: outcome.quarantined }, 'records went to quarantine');
    }
  }
}
