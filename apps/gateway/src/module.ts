import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import type { Tracer } from '@opentelemetry/api';
import { Allowances } from '@tollgate/domain/allowance/allowances';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { EndOffsets } from '@tollgate/kafka/end-offsets';
import { KafkaModule, kafkaSettings } from '@tollgate/kafka/kafka-module';
import { Publisher } from '@tollgate/kafka/publisher';
import { FailedLogins } from '@tollgate/service-kit/failed-logins';
import { HealthModule, Readiness } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import { FormerProcesses } from './allowances/former-processes.ts';
import { GatewayClocks } from './allowances/gateway-clocks.ts';
import { AllowanceKeeper } from './allowances/keeper.ts';
import { MeteringCalls } from './allowances/metering-calls.ts';
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
import { PepperWatch } from './key-state/pepper-watch.ts';
import { Reports } from './key-state/reports.ts';
import { DrainTime, Lifecycle } from './lifecycle.ts';
import { Traffic } from './metrics/traffic.ts';
import { metricsReader } from './metrics/workers-metrics.ts';
import { LOOK_BACK_MS, Peers } from './peers/peers.ts';
import { Admission } from './proxy/admission.ts';
import { HotPath } from './proxy/hot-path.ts';
import { InFlight } from './proxy/in-flight.ts';
import { Upstreams } from './proxy/upstreams.ts';
import { OutgoingUsage } from './settle/outgoing-usage.ts';
import { Recovery } from './settle/recovery.ts';
import { Settlement } from './settle/settle.ts';
import { UsageQueue } from './settle/usage-queue.ts';
import { LogWatch } from './wal/log-watch.ts';
import { OwnLog } from './wal/own-log.ts';

type Parts = FactoryProvider[];

/** Wires the gateway; its parts are plain classes that know nothing of Nest. */
@Module({})
export class GatewayModule {
  /** @param tracer `null` where no traces are sent */
  static with(
    config: GatewayConfig,
    door: FrontDoor,
    own: OwnLog,
    tracer: Tracer | null,
    logger: Logger,
  ): DynamicModule {
    const instance: Instance = { name: own.instance, startedAt: new Date().toISOString() };
    return {
      module: GatewayModule,
      imports: [
        HealthModule.register(metricsReader()),
        KafkaModule.connect(kafkaSettings(own.instance, config, logger), {
          everyPartition: true,
          instance: own.instance,
          recentMs: { gateways: LOOK_BACK_MS },
        }),
      ],
      controllers: [KeyStateConsumer, PeersConsumer],
      providers: [
        { provide: FrontDoor, useValue: door },
        { provide: OwnLog, useValue: own },
        { provide: LogWatch, useFactory: () => new LogWatch(own.log, logger) },
        { provide: Traffic, useFactory: () => new Traffic() },
        Lifecycle,
        { provide: DrainTime, useFactory: () => new DrainTime(config) },
        ...keyStateParts(instance, config, logger),
        ...allowanceParts(own, config, logger),
        ...settlementParts(own, config, logger),
        ...hotPathParts(own, config, tracer, logger),
      ],
    };
  }
}

const keyStateParts = (instance: Instance, config: GatewayConfig, logger: Logger): Parts => [
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
    provide: PepperWatch,
    inject: [Readiness],
    useFactory: (readiness: Readiness) =>
      new PepperWatch(
        config.TOLLGATE_KEY_PEPPERS.map(({ version }) => version),
        readiness.gate('peppers'),
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

const allowanceParts = (own: OwnLog, config: GatewayConfig, logger: Logger): Parts => [
  { provide: Allowances, useFactory: () => new Allowances(own.holder) },
  { provide: GatewayClocks, useFactory: () => new GatewayClocks() },
  {
    provide: MeteringCalls,
    useFactory: () => new MeteringCalls(config.TOLLGATE_METERING_URL, config.TOLLGATE_INTERNAL_TOKEN),
  },
  {
    provide: AllowanceKeeper,
    inject: [Allowances, MeteringCalls, Peers, GatewayClocks],
    useFactory: (allowances: Allowances, metering: MeteringCalls, peers: Peers, clocks: GatewayClocks) =>
      new AllowanceKeeper({ allowances, metering, peers, clocks, logger }),
  },
  {
    provide: FormerProcesses,
    inject: [MeteringCalls, KafkaConnection],
    useFactory: (metering: MeteringCalls, connection: KafkaConnection) =>
      new FormerProcesses(own.successors, metering, new EndOffsets(connection), logger),
  },
];

const settlementParts = (own: OwnLog, config: GatewayConfig, logger: Logger): Parts => [
  {
    provide: UsageQueue,
    inject: [Publisher, Traffic],
    useFactory: (publisher: Publisher, { acknowledgement }: Traffic) =>
      new UsageQueue(
        `/gateway/${own.instance}`,
        config.TOLLGATE_USAGE_BACKLOG,
        publisher,
        acknowledgement,
        logger,
      ),
  },
  {
    provide: OutgoingUsage,
    inject: [UsageQueue, KeyTable],
    useFactory: (queue: UsageQueue, keys: KeyTable) => new OutgoingUsage(own.log, queue, keys, logger),
  },
  {
    provide: Recovery,
    inject: [KeyTable, UsageQueue, Traffic],
    useFactory: (keys: KeyTable, queue: UsageQueue, traffic: Traffic) =>
      new Recovery(
        own.all.map(({ log, recovered }) => ({
          recovered,
          outgoing: new OutgoingUsage(log, queue, keys, logger),
        })),
        { keys, priceBook: config.priceBook, traffic, logger },
      ),
  },
];

const hotPathParts = (own: OwnLog, config: GatewayConfig, tracer: Tracer | null, logger: Logger): Parts => [
  {
    provide: Upstreams,
    useFactory: () =>
      new Upstreams(config.TOLLGATE_UPSTREAM_CONNECTIONS, config.TOLLGATE_UPSTREAM_TIMEOUT_MS),
  },
  { provide: InFlight, useFactory: () => new InFlight() },
  {
    provide: Admission,
    inject: [Allowances, Peers],
    useFactory: (allowances: Allowances, peers: Peers) => new Admission(allowances, peers),
  },
  {
    provide: HotPath,
    inject: [
      Authenticator,
      Denials,
      Allowances,
      Admission,
      AllowanceKeeper,
      GatewayClocks,
      Upstreams,
      UsageQueue,
      OutgoingUsage,
      InFlight,
      Reports,
      Traffic,
    ],
    useFactory: (
      authenticator: Authenticator,
      denials: Denials,
      allowances: Allowances,
      admission: Admission,
      keeper: AllowanceKeeper,
      clocks: GatewayClocks,
      upstreams: Upstreams,
      queue: UsageQueue,
      outgoing: OutgoingUsage,
      inFlight: InFlight,
      reports: Reports,
      traffic: Traffic,
    ) =>
      new HotPath({
        authenticator,
        denials,
        allowances,
        admission,
        keeper,
        clocks,
        providers: config.providers,
        priceBook: config.priceBook,
        settlement: new Settlement(own.instance, own.log, outgoing, traffic, logger),
        log: own.log,
        maxBodyBytes: config.TOLLGATE_MAX_BODY_BYTES,
        maxInFlight: config.TOLLGATE_UPSTREAM_CONNECTIONS,
        maxStreamMs: config.TOLLGATE_MAX_STREAM_MS,
        drainMs: config.TOLLGATE_DRAIN_MS,
        upstreams,
        queue,
        inFlight,
        reports,
        traffic,
        tracer,
        logger,
      }),
  },
];
