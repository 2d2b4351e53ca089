import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { OutboxRelay } from '@tollgate/event-store/outbox-relay';
import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { HealthModule, Readiness } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import { DataSource } from 'typeorm';
import type { MeteringConfig } from './config.ts';
import { KeysConsumer } from './consumers/keys-consumer.ts';
import { UsageConsumer } from './consumers/usage-consumer.ts';
import { openDatabase } from './database.ts';
import { FoldMetrics } from './fold/fold-metrics.ts';
import { INTERNAL_TOKEN, InternalToken } from './http/internal-token.ts';
import { MetersController } from './http/meters-controller.ts';
import { Lifecycle } from './lifecycle.ts';
import { LOGGER } from './logger.ts';
import { markDue } from './scopes/sql/save-scopes.ts';

@Module({})
export class MeteringModule {
  static with(config: MeteringConfig, logger: Logger): DynamicModule {
    return {
      module: MeteringModule,
      imports: [HealthModule.register()],
      controllers: [UsageConsumer, KeysConsumer, MetersController],
      providers: [
        { provide: LOGGER, useValue: logger },
        { provide: INTERNAL_TOKEN, useValue: config.TOLLGATE_INTERNAL_TOKEN },
        { provide: DataSource, useFactory: () => openDatabase(config.DATABASE_URL, logger) },
        { provide: FoldMetrics, useFactory: () => new FoldMetrics() },
        InternalToken,
        Lifecycle,
        ...kafkaParts(config, logger),
      ],
    };
  }
}

const kafkaParts = (config: MeteringConfig, logger: Logger): FactoryProvider[] => [
  {
    provide: KafkaConnection,
    inject: [Readiness],
    useFactory: async (readiness: Readiness) => {
      const topics = readiness.gate('topics', 'not provisioned');
      const connection = new KafkaConnection({
        brokers: config.KAFKA_BROKERS,
        clientId: 'metering',
        topicPrefix: config.TOLLGATE_TOPIC_PREFIX,
        eventKeys: config.TOLLGATE_EVENT_KEYS,
        logger,
      });
      await provisionTopics(connection);
      topics.open();
      return connection;
    },
  },
  {
    provide: Publisher,
    inject: [KafkaConnection],
    useFactory: async (connection: KafkaConnection) => {
      const publisher = new Publisher(connection);
      await publisher.connect();
      return publisher;
    },
  },
  {
    provide: KafkaBatchServer,
    inject: [KafkaConnection, Publisher],
    useFactory: (connection: KafkaConnection, publisher: Publisher) =>
      new KafkaBatchServer(connection, publisher, { group: 'metering' }),
  },
  {
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
  },
];
