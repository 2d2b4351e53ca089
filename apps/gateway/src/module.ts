import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { KafkaModule, kafkaSettings } from '@tollgate/kafka/kafka-module';
import { Publisher } from '@tollgate/kafka/publisher';
import { FailedLogins } from '@tollgate/service-kit/failed-logins';
import { HealthModule, Readiness } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import type { GatewayConfig } from './config.ts';
import { KeyStateConsumer } from './consumers/key-state-consumer.ts';
import { PeersConsumer } from './consumers/peers-consumer.ts';
import { DenialReports } from './denials/denial-reports.ts';
import { Denials } from './denials/denials.ts';
import { FrontDoor } from './front-door.ts';
import { Authenticator } from './identify/authenticate.ts';
import { ClientAddress } from './identify/client-address.ts';
import type { Instance } from './instance.ts';
import { KeyStateWatch } from './key-state/key-state-watch.ts';
import { KeyTable } from './key-state/key-table.ts';
import { Reports } from './key-state/reports.ts';
import { Lifecycle } from './lifecycle.ts';
import { LOOK_BACK_MS, Peers } from './peers/peers.ts';
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
          recentMs: { gateways: LOOK_BACK_MS },
        }),
      ],
      controllers: [KeyStateConsumer, PeersConsumer],
      providers: [
        { provide: FrontDoor, useValue: door },
        Lifecycle,
        ...keyStateParts(config, logger),
        ...hotPathParts(config, logger),
      ],
    };
  }
}

const keyStateParts = (config: GatewayConfig, logger: Logger): Parts => {
  const instance: Instance = { name: config.TOLLGATE_INSTANCE, startedAt: new Date().toISOString() };
  return [
    {
      provide: KeyTable,
      inject: [Publisher],
      useFactory: (publisher: Publisher) => new KeyTable((keyId) => publisher.partitionOf('usage', keyId)),
    },
    {
      provide: KeyStateWatch,
      inject: [Publisher, Readiness],
      useFactory: (publisher: Publisher, readiness: Readiness) =>
        new KeyStateWatch(
          { keys: publisher.partitionCount('keys'), limits: publisher.partitionCount('limits') },
          config.KEY_STATE_MAX_AGE * 1_000,
          readiness.gate('clock'),
          logger,
        ),
    },
    {
      provide: Reports,
      inject: [KeyTable, Publisher],
      useFactory: (keys: KeyTable, publisher: Publisher) => new Reports(instance, keys, publisher, logger),
    },
    { provide: Peers, useFactory: () => new Peers(instance) },
    { provide: Denials, useFactory: () => new Denials() },
    {
      provide: DenialReports,
      inject: [Denials, Publisher],
      useFactory: (denials: Denials, publisher: Publisher) =>
        new DenialReports(instance, denials, publisher, logger),
    },
    {
      provide: Authenticator,
      inject: [KeyTable, KeyStateWatch, Denials],
      useFactory: (keys: KeyTable, keyState: KeyStateWatch, denials: Denials) =>
        new Authenticator({
          keys,
          keyState,
          denials,
          peppers: config.TOLLGATE_KEY_PEPPERS,
          addresses: new ClientAddress(config.TOLLGATE_TRUSTED_PROXIES),
          failedLogins: new FailedLogins(),
        }),
    },
  ];
};

const hotPathParts = (config: GatewayConfig, logger: Logger): Parts => [
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
    inject: [Authenticator, Upstreams, UsageQueue, InFlight, Reports],
    useFactory: (
      authenticator: Authenticator,
      upstreams: Upstreams,
      queue: UsageQueue,
      inFlight: InFlight,
      reports: Reports,
    ) =>
      new HotPath({
        authenticator,
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
