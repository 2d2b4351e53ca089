import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import type { Tracer } from '@opentelemetry/api';
import { TOPICS } from '@tollgate/contracts/topics';
import { OutboxRelay } from '@tollgate/event-store/outbox-relay';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { EndOffsets } from '@tollgate/kafka/end-offsets';
import { KafkaModule, kafkaSettings } from '@tollgate/kafka/kafka-module';
import { Publisher } from '@tollgate/kafka/publisher';
import { HealthModule } from '@tollgate/service-kit/health';
import { INTERNAL_TOKEN, InternalToken } from '@tollgate/service-kit/internal-token';
import type { Logger } from '@tollgate/service-kit/log';
import { DataSource } from 'typeorm';
import { AllowanceMetrics, LOSE_AFTER_MS } from './allowances/allowance-metrics.ts';
import type { MeteringConfig } from './config.ts';
import { KeysConsumer } from './consumers/keys-consumer.ts';
import { UsageConsumer } from './consumers/usage-consumer.ts';
import { openDatabase } from './database.ts';
import { FoldMetrics } from './fold/fold-metrics.ts';
import { TRACER } from './fold/tracer.ts';
import { UsageLag } from './fold/usage-lag.ts';
import { AllowancesController } from './http/allowances-controller.ts';
import { MetersController } from './http/meters-controller.ts';
import { OperationsController } from './http/operations-controller.ts';
import { UsageController } from './http/usage-controller.ts';
import { Lifecycle } from './lifecycle.ts';
import { LOGGER } from './logger.ts';
import { PRICE_FILES } from './rerating/current-prices.ts';
import { markDue } from './scopes/sql/save-scopes.ts';

@Module({})
export class MeteringModule {
  /** @param tracer `null` where no traces are sent */
  static with(config: MeteringConfig, tracer: Tracer | null, logger: Logger): DynamicModule {
    return {
      module: MeteringModule,
      imports: [
        HealthModule.register(),
        KafkaModule.connect(kafkaSettings('metering', config, logger), {
          group: 'metering',
          partitionsAtOnce: TOPICS.usage.partitions,
        }),
      ],
      controllers: [
        UsageConsumer,
        KeysConsumer,
        MetersController,
        UsageController,
        OperationsController,
        AllowancesController,
      ],
      providers: [
        { provide: LOGGER, useValue: logger },
        { provide: TRACER, useValue: tracer },
        { provide: INTERNAL_TOKEN, useValue: config.TOLLGATE_INTERNAL_TOKEN },
        { provide: DataSource, useFactory: () => openDatabase(config.DATABASE_URL, logger) },
        { provide: FoldMetrics, useFactory: () => new FoldMetrics() },
        { provide: AllowanceMetrics, useFactory: () => new AllowanceMetrics() },
        { provide: LOSE_AFTER_MS, useValue: config.TOLLGATE_ALLOWANCE_LOST_AFTER_S * 1_000 },
        {
          provide: EndOffsets,
          inject: [KafkaConnection],
          useFactory: (connection: KafkaConnection) => new EndOffsets(connection),
        },
        UsageLag,
        { provide: PRICE_FILES, useValue: config },
        InternalToken,
        Lifecycle,
        relay(logger),
      ],
    };
  }
}

const relay = (logger: Logger): FactoryProvider => ({
  provide: OutboxRelay,
  inject: [DataSource, Publisher],
  useFactory: (dataSource: DataSource, publisher: Publisher) =>
    new OutboxRelay({
      dataSource,
      publisher,
      logger,
      heartbeatTopic: 'limits',
      // A former leader's older meter may have come last: publish the meters anew, with higher sequences.
      onOvertaken: (sql, records) =>
        markDue(
          sql,
          records.filter(({ topic }) => topic === 'limits').map(({ key }) => key),
          Date.now(),
        ),
    }),
});
