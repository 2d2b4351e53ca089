import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { KafkaModule, kafkaSettings } from '@tollgate/kafka/kafka-module';
import { Publisher } from '@tollgate/kafka/publisher';
import { HealthModule } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import type { GatewayConfig } from './config.ts';
import { KeyStateConsumer } from './consumers/key-state-consumer.ts';
import { FrontDoor } from './front-door.ts';
import { ClientAddress } from './identify/client-address.ts';
import { KeyTable } from './key-state/key-table.ts';
import { Reports } from './key-state/reports.ts';
import { Lifecycle } from './lifecycle.ts';
import { Authenticator } from './proxy/authenticate.ts';
import { HotPath } from './proxy/hot-path.ts';
import { InFlight } from './proxy/in-flight.ts';
import { Upstreams } from './proxy/upstreams.ts';
import { OutgoingUsage } from './settle/outgoing-usage.ts';
import { Recovery } from './settle/recovery.ts';
import { Settlement } from './settle/settle.ts';
import { UsageQueue } from './settle/usage-queue.ts';
import { OwnLog } from './wal/own-log.ts';

type Parts = FactoryProvider[];

/** Wires the gateway; its parts are plain classes that know nothing of Nest. */
@Module({})
export class GatewayModule {
  static with(config: GatewayConfig, door: FrontDoor, own: OwnLog, logger: Logger): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        HealthModule.register(),
        KafkaModule.connect(kafkaSettings(own.instance, config, logger), {
          everyPartition: true,
          instance: own.instance,
        }),
      ],
      controllers: [KeyStateConsumer],
      providers: [
        { provide: FrontDoor, useValue: door },
        { provide: OwnLog, useValue: own },
        Lifecycle,
        ...settlementParts(own, config, logger),
        ...hotPathParts(own, config, logger),
      ],
    };
  }
}

const settlementParts = (own: OwnLog, config: GatewayConfig, logger: Logger): Parts => [
  {
    provide: KeyTable,
    inject: [Publisher],
    useFactory: (publisher: Publisher) => new KeyTable((keyId) => publisher.partitionOf('usage', keyId)),
  },
  {
    provide: Reports,
    inject: [KeyTable, Publisher],
    useFactory: (keys: KeyTable, publisher: Publisher) => new Reports(own.instance, keys, publisher, logger),
  },
  {
    provide: UsageQueue,
    inject: [Publisher],
    useFactory: (publisher: Publisher) =>
      new UsageQueue(`/gateway/${own.instance}`, config.TOLLGATE_USAGE_BACKLOG, publisher, logger),
  },
  {
    provide: OutgoingUsage,
    inject: [UsageQueue],
    useFactory: (queue: UsageQueue) => new OutgoingUsage(own.log, queue),
  },
  {
    provide: Recovery,
    inject: [KeyTable, OutgoingUsage],
    useFactory: (keys: KeyTable, outgoing: OutgoingUsage) =>
      new Recovery(own.recovered, { keys, outgoing, priceBook: config.priceBook, logger }),
  },
];

const hotPathParts = (own: OwnLog, config: GatewayConfig, logger: Logger): Parts => [
  {
    provide: Upstreams,
    useFactory: () =>
      new Upstreams(config.TOLLGATE_UPSTREAM_CONNECTIONS, config.TOLLGATE_UPSTREAM_TIMEOUT_MS),
  },
  { provide: InFlight, useFactory: () => new InFlight() },
  {
    provide: HotPath,
    inject: [KeyTable, Upstreams, UsageQueue, OutgoingUsage, InFlight, Reports],
    useFactory: (
      keys: KeyTable,
      upstreams: Upstreams,
      queue: UsageQueue,
      outgoing: OutgoingUsage,
      inFlight: InFlight,
      reports: Reports,
    ) =>
      new HotPath({
        authenticator: new Authenticator(keys, config.TOLLGATE_KEY_PEPPERS),
        clientAddress: new ClientAddress(config.TOLLGATE_TRUSTED_PROXIES),
        providers: config.providers,
        priceBook: config.priceBook,
        settlement: new Settlement(own.instance, own.log, outgoing, logger),
        log: own.log,
        maxBodyBytes: config.TOLLGATE_MAX_BODY_BYTES,
        maxInFlight: config.TOLLGATE_UPSTREAM_CONNECTIONS,
        maxStreamMs: config.TOLLGATE_MAX_STREAM_MS,
        drainMs: config.TOLLGATE_DRAIN_MS,
        upstreams,
        queue,
        inFlight,
        reports,
        logger,
      }),
  },
];
