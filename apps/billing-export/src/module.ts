import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { TOPICS } from '@tollgate/contracts/topics';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { EndOffsets } from '@tollgate/kafka/end-offsets';
import { KafkaModule, kafkaSettings } from '@tollgate/kafka/kafka-module';
import { HealthModule } from '@tollgate/service-kit/health';
import { INTERNAL_TOKEN, InternalToken } from '@tollgate/service-kit/internal-token';
import type { Logger } from '@tollgate/service-kit/log';
import { DataSource } from 'typeorm';
import { BillingGauges } from './billing-gauges.ts';
import type { BillingConfig } from './config.ts';
import { BillableConsumer } from './consumers/billable-consumer.ts';
import { openDatabase } from './database.ts';
import { FoldMetrics } from './fold/fold-metrics.ts';
import { LineItemsController } from './http/line-items-controller.ts';
import { MeterEventsController } from './http/meter-events-controller.ts';
import { RefusedController } from './http/refused-controller.ts';
import { Lifecycle } from './lifecycle.ts';
import { LOGGER } from './logger.ts';
import { HourCloser } from './meter-events/hour-closer.ts';
import { requireSameLines } from './meter-events/require-same-lines.ts';
import { DELIVER, type Deliver } from './stripe/deliver.ts';
import { billedLines } from './stripe/stripe-file.ts';

@Module({})
export class BillingModule {
  static with(config: BillingConfig, logger: Logger): DynamicModule {
    return {
      module: BillingModule,
      imports: [
        HealthModule.register(),
        // It signs nothing and verifies nothing, so it gets no keys.
        KafkaModule.connect(kafkaSettings('billing', { ...config, TOLLGATE_EVENT_KEYS: [] }, logger), {
          group: 'billing',
          partitionsAtOnce: TOPICS.usage.partitions,
        }),
      ],
      controllers: [BillableConsumer, LineItemsController, MeterEventsController, RefusedController],
      providers: [
        { provide: LOGGER, useValue: logger },
        { provide: INTERNAL_TOKEN, useValue: config.TOLLGATE_INTERNAL_TOKEN },
        { provide: FoldMetrics, useFactory: () => new FoldMetrics() },
        database(config, logger),
        ...timed(config),
        InternalToken,
        Lifecycle,
      ],
    };
  }
}

const database = (config: BillingConfig, logger: Logger): FactoryProvider => ({
  provide: DataSource,
  useFactory: async () => {
    const db = await openDatabase(config.DATABASE_URL, logger);
    await requireSameLines(db.manager, billedLines(config.stripe));
    return db;
  },
});

const timed = (config: BillingConfig): FactoryProvider[] => [
  {
    provide: EndOffsets,
    inject: [KafkaConnection],
    useFactory: (connection: KafkaConnection) => new EndOffsets(connection),
  },
  {
    provide: BillingGauges,
    inject: [DataSource, EndOffsets],
    useFactory: (db: DataSource, ends: EndOffsets) => new BillingGauges(db, ends),
  },
  {
    provide: HourCloser,
    inject: [DataSource, EndOffsets],
    useFactory: (db: DataSource, ends: EndOffsets) =>
      new HourCloser(db, (topic) => ends.of(topic), billedLines(config.stripe), config.BILLING_GRACE_MS),
  },
  {
    provide: DELIVER,
    useFactory: async (): Promise<Deliver | null> => {
      if (!config.sending) return null;
      // Loaded where it is used alone: it is as large as the rest of the service.
      const { stripeDeliver } = await import('./stripe/stripe-client.ts');
      return stripeDeliver(config.sending);
    },
  },
];
