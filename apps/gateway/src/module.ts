import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { provisionTopics } from '@tollgate/kafka/provision';
import { Publisher } from '@tollgate/kafka/publisher';
import { HealthModule } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import type { GatewayConfig } from './config.ts';
import { KeyStateConsumer } from './consumers/key-state-consumer.ts';
import { FrontDoor } from './front-door.ts';
import { KeyTable } from './key-state/key-table.ts';
import { Reports } from './key-state/reports.ts';
import { Lifecycle } from './lifecycle.ts';
import { Authenticator } from './proxy/authenticate.ts';
import { HotPath } from './proxy/hot-path.ts';
import { InFlight } from './proxy/in-flight.ts';
import { Upstreams } from './proxy/upstreams.ts';
import { Settlement } from './settle/settle.ts';
import { UsageQueue } from './settle/usage-queue.ts';

type Parts = FactoryProvider[];

/** Wires the gateway; its parts are plain classes that know nothing of Nest. */
@Module({})
export class GatewayModule {
  static with(config: GatewayConfig, door: FrontDoor, logger: Logger): DynamicModule {
    return {
      module: GatewayModule,
      imports: [HealthModule.register()],
      controllers: [KeyStateConsumer],
      providers: [
        { provide: FrontDoor, useValue: door },
        Lifecycle,
        ...kafkaParts(config, logger),
        ...hotPathParts(config, logger),
      ],
    };
  }
}

const kafkaParts = (config: GatewayConfig, logger: Logger): Parts => [
  {
    provide: KafkaConnection,
    useFactory: async () => {
      const connection = new KafkaConnection({
        brokers: config.KAFKA_BROKERS,
        clientId: config.TOLLGATE_INSTANCE,
        topicPrefix: config.TOLLGATE_TOPIC_PREFIX,
        eventKeys: config.TOLLGATE_EVENT_KEYS,
        logger,
      });
      await provisionTopics(connection);
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
      new KafkaBatchServer(connection, publisher, {
        everyPartition: true,
        instance: config.TOLLGATE_INSTANCE,
      }),
  },
];

const hotPathParts = (config: GatewayConfig, logger: Logger): Parts => [
  {
    provide: KeyTable,
    inject: [Publisher],
    useFactory: (publisher: Publisher) => new KeyTable((keyId) => publisher.partitionOf('usage', keyId)),
  },
  {
    provide: Reports,
    inject: [KeyTable, Publisher],
    useFactory: (keys: KeyTable, publisher: Publisher) =>
      new Reports(config.TOLLGATE_INSTANCE, keys, publisher, logger),
  },
  {
    provide: UsageQueue,
    inject: [Publisher],
    useFactory: (publisher: Publisher) =>
      new UsageQueue(
        `/gateway/${config.TOLLGATE_INSTANCE}`,
        config.TOLLGATE_USAGE_BACKLOG,
        publisher,
        logger,
      ),
  },
  {
    provide: Upstreams,
    useFactory: () =>
      new Upstreams(config.TOLLGATE_UPSTREAM_CONNECTIONS, config.TOLLGATE_UPSTREAM_TIMEOUT_MS),
  },
  { provide: InFlight, useFactory: () => new InFlight() },
  {
    provide: HotPath,
    inject: [KeyTable, Upstreams, UsageQueue, InFlight, Reports],
    useFactory: (
      keys: KeyTable,
      upstreams: Upstreams,
      queue: UsageQueue,
      inFlight: InFlight,
      reports: Reports,
    ) =>
      new HotPath({
        authenticator: new Authenticator(keys, config.TOLLGATE_KEY_PEPPERS),
        providers: config.providers,
        priceBook: config.priceBook,
        settlement: new Settlement(config.TOLLGATE_INSTANCE, queue),
        maxBodyBytes: config.TOLLGATE_MAX_BODY_BYTES,
        maxInFlight: config.TOLLGATE_UPSTREAM_CONNECTIONS,
        drainMs: config.TOLLGATE_DRAIN_MS,
        upstreams,
        queue,
        inFlight,
        reports,
        logger,
      }),
  },
];
