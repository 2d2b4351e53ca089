import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { FoldQueue } from '@tollgate/event-store/fold-queue';
import type { Batch } from '@tollgate/kafka/batch-server';
import type { Logger } from '@tollgate/service-kit/log';
import { DataSource } from 'typeorm';
import { type BillingBatch, consumed, foldBatches } from '../fold/fold-batches.ts';
import { FoldMetrics } from '../fold/fold-metrics.ts';
import { LOGGER } from '../logger.ts';

/** Usage and its corrections become line items; partitions of both topics share transactions. */
@Controller()
export class BillableConsumer {
  private readonly queue: FoldQueue<BillingBatch>;

  constructor(
    @Inject(DataSource) db: DataSource,
    @Inject(FoldMetrics) metrics: FoldMetrics,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.queue = new FoldQueue(async (batches) => {
      const stopTimer = metrics.batchSeconds.startTimer();
      const outcome = await foldBatches(db, batches, Date.now());
      stopTimer();
      metrics.count(outcome, consumed(batches));
      if (Object.values(outcome.refused).some((count) => count > 0)) {
        logger.warn({ refused: outcome.refused }, 'records cannot be billed where they say they belong');
      }
    });
  }

  @EventPattern('usage')
  async usage(@Payload() batch: Batch): Promise<void> {
    await this.queue.fold(batch);
  }

  @EventPattern('limit-events')
  async corrections(@Payload() batch: Batch): Promise<void> {
    await this.queue.fold(batch);
  }
}
