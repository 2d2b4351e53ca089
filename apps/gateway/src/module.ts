import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { KafkaModule, kafkaSettings } from '@tollgate/kafka/kafka-module';
import { Publisher } from '@tollgate/kafka/publisher';
import { FailedLogins } from '@tollgate/service-kit/failed-logins';
import { HealthModule } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import type { GatewayConfig } from './config.ts';
import { KeyStateConsumer } from './consumers/key-state-consumer.ts';
import { FrontDoor } from './front-door.ts';
import { Authenticator } from './identify/authenticate.ts';
import { ClientAddress } from './identify/client-address.ts';
import { KeyTable } from './key-state/key-table.ts';
import { Reports } from './key-state/reports.ts';
import { Lifecycle } from './lifecycle.ts';
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
      imports: [
        HealthModule.register(),
        KafkaModule.connect(kafkaSettings(config.TOLLGATE_INSTANCE, config, logger), {
          everyPartition: true,
          instance: config.TOLLGATE_INSTANCE,
        }),
      ],
      controllers: [KeyStateConsumer],
      providers: [{ provide: FrontDoor, useValue: door }, Lifecycle, ...hotPathParts(config, logger)],
    };
  }
}

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
        authenticator: new Authenticator(
          keys,
          config.TOLLGATE_KEY_PEPPERS,
          new ClientAddress(config.TOLLGATE_TRUSTED_PROXIES),
          new FailedLogins(),
        ),
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
