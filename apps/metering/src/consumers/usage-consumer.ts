import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import type { Batch } from '@tollgate/kafka/batch-server';
import type { Logger } from '@tollgate/service-kit/log';
import { DataSource } from 'typeorm';
import { foldBatch } from '../fold/fold-batch.ts';
import { FoldMetrics } from '../fold/fold-metrics.ts';
import { LOGGER } from '../logger.ts';

/** ⑤ Usage records become ledger, totals and meters. */
@Controller()
export class UsageConsumer {
  constructor(
    @Inject(DataSource) private readonly db: DataSource,
    @Inject(FoldMetrics) private readonly metrics: FoldMetrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @EventPattern('usage')
  async fold(@Payload() batch: Batch): Promise<void> {
    const stopTimer = this.metrics.batchSeconds.startTimer();
    const outcome = await foldBatch(this.db, batch, Date.now());
    stopTimer();
    this.metrics.count(outcome);
    const { partition, firstOffset } = batch;
    const place = { partition, firstOffset: String(firstOffset) };
    if (outcome.conflicting.length > 0) {
      const ids = outcome.conflicting.slice(0, 10);
      this.logger.warn({ ...place, ids }, 'records repeat an id with other usage; the first of each counts');
    }
    if (Object.values(outcome.quarantined).some((count) => count > 0)) {
      this.logger.warn({ ...place, quarantined: outcome.quarantined }, 'records went to quarantine');
    }
  }
}
