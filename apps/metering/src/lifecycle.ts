import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { readOffsets } from '@tollgate/event-store/offsets';
import { registerOutboxGauges } from '@tollgate/event-store/outbox-gauges';
import { OutboxRelay } from '@tollgate/event-store/outbox-relay';
import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { Publisher } from '@tollgate/kafka/publisher';
import { Readiness } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import { DataSource } from 'typeorm';
import { registerAllowanceGauge } from './allowances/allowance-gauge.ts';
import { AllowanceMetrics, LOSE_AFTER_MS } from './allowances/allowance-metrics.ts';
import { USAGE_OFFSETS } from './fold/usage-offsets.ts';
import { Timekeeper } from './limits/timekeeper.ts';
import { LOGGER } from './logger.ts';
import { registerQuarantineGauge } from './quarantine/quarantine-gauge.ts';

/** What a consumer's client tells of itself. */
interface ConsumerEvents {
  on(event: string, listener: () => void): void;
}

/**
 * Metering's life: ready while its consumer is a member of the group and the database answers; at the end the
 * timekeeper stops, then HTTP and the consumer, then the relay, and the connections go last.
 */
@Injectable()
export class Lifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly timekeeper: Timekeeper;

  constructor(
    @Inject(Readiness) readiness: Readiness,
    @Inject(KafkaBatchServer) server: KafkaBatchServer,
    @Inject(LOGGER) logger: Logger,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
    @Inject(Publisher) private readonly publisher: Publisher,
    @Inject(DataSource) private readonly db: DataSource,
    @Inject(AllowanceMetrics) metrics: AllowanceMetrics,
    @Inject(LOSE_AFTER_MS) loseAfterMs: number,
  ) {
    const database = readiness.gate('database', 'connecting');
    this.timekeeper = new Timekeeper({
      db,
      logger,
      loseAfterMs,
      onLook: (error) => (error ? database.close('does not answer') : database.open()),
      onLost: (count) => metrics.countLost(count),
    });
    server.goOnAt('usage', () => readOffsets(db.manager, USAGE_OFFSETS));
    const consumer = readiness.gate('consumer', 'joining its group');
    const events = server.unwrap<ConsumerEvents>();
    events.on('consumer.group_join', () => consumer.open());
    for (const end of ['consumer.crash', 'consumer.disconnect', 'consumer.stop']) {
      events.on(end, () => consumer.close('is not in its group'));
    }
  }

  onApplicationBootstrap(): void {
    registerOutboxGauges(this.db.manager);
    registerQuarantineGauge(this.db.manager);
    registerAllowanceGauge(this.db.manager);
    this.relay.start();
    this.timekeeper.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.timekeeper.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.relay.stop();
    await this.publisher.disconnect();
    await this.db.destroy();
  }
}
