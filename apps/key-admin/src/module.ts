import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { OutboxRelay } from '@tollgate/event-store/outbox-relay';
import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { EndOffsets } from '@tollgate/kafka/end-offsets';
import { KafkaModule, kafkaSettings } from '@tollgate/kafka/kafka-module';
import { Publisher } from '@tollgate/kafka/publisher';
import { FailedLogins } from '@tollgate/service-kit/failed-logins';
import { HealthModule, Readiness } from '@tollgate/service-kit/health';
import { newId } from '@tollgate/service-kit/ids';
import type { Logger } from '@tollgate/service-kit/log';
import { DataSource } from 'typeorm';
import { BootstrapAdmin } from './admin-keys/bootstrap-admin.ts';
import { CreateAdminKey } from './admin-keys/create-admin-key.ts';
import { IdentifyAdmin } from './admin-keys/identify-admin.ts';
import { ListAdminKeys } from './admin-keys/list-admin-keys.ts';
import { RevokeAdminKey } from './admin-keys/revoke-admin-key.ts';
import { AuditTrail } from './audit/audit-trail.ts';
import { ExportAuditLog } from './audit/export-audit-log.ts';
import { ReadAuditLog } from './audit/read-audit-log.ts';
import type { KeyAdminConfig } from './config.ts';
import { builtConsole, ConsoleFiles } from './console/console-files.ts';
import { GatewaysConsumer } from './consumers/gateways-consumer.ts';
import { LimitEventsConsumer } from './consumers/limit-events-consumer.ts';
import { LimitEventsLag } from './consumers/limit-events-lag.ts';
import { StreamConsumer } from './consumers/stream-consumer.ts';
import { openDatabase } from './database.ts';
import { ADMIN_CONTROLLERS } from './http/admin-controllers.ts';
import { AdminGuard } from './http/admin-guard.ts';
import { ConsoleController } from './http/console-controller.ts';
import { DocsController } from './http/docs-controller.ts';
import { GatewayAddress } from './http/gateway-address.ts';
import { LoginRefusal } from './http/login-refusal.ts';
import { ChangeKeys } from './keys/change-keys.ts';
import { CreateKey } from './keys/create-key.ts';
import { GetKey } from './keys/get-key.ts';
import { KeyStore } from './keys/key-store.ts';
import { ListKeys } from './keys/list-keys.ts';
import { OverviewKey } from './keys/overview-key.ts';
import { ResetKey } from './keys/reset-key.ts';
import { RevokeKey } from './keys/revoke-key.ts';
import { RotateKey } from './keys/rotate-key.ts';
import { UpdateKey } from './keys/update-key.ts';
import { Lifecycle } from './lifecycle.ts';
import { MeteringClient } from './metering-client.ts';
import { Names } from './names/names.ts';
import { FoundOrganization } from './organization/found-organization.ts';
import { GetOrganization } from './organization/get-organization.ts';
import { OrganizationStore } from './organization/organization-store.ts';
import { ResetOrganization } from './organization/reset-organization.ts';
import { UpdateOrganization } from './organization/update-organization.ts';
import { AwaitApplied } from './propagation/await-applied.ts';
import { Gateways } from './propagation/gateways.ts';
import { PropagationMetrics } from './propagation/propagation-metrics.ts';
import { PropagationOfScope } from './propagation/propagation-of-scope.ts';
import { Publications } from './propagation/publications.ts';
import { KnownScope } from './scopes/known-scope.ts';
import { ScopeRelay } from './scopes/scope-relay.ts';
import { SecretMint } from './secret-mint.ts';
import { Sessions } from './sessions/sessions.ts';
import { streamParts } from './stream/stream-parts.ts';
import { CreateTeam } from './teams/create-team.ts';
import { DeleteTeam } from './teams/delete-team.ts';
import { GetTeam } from './teams/get-team.ts';
import { ListTeams } from './teams/list-teams.ts';
import { OverviewTeam } from './teams/overview-team.ts';
import { ResetTeam } from './teams/reset-team.ts';
import { TeamStore } from './teams/team-store.ts';
import { UpdateTeam } from './teams/update-team.ts';
import { ScopeMeter } from './usage/scope-meter.ts';
import { ScopeUsage } from './usage/scope-usage.ts';
import { webhookParts } from './webhooks/webhook-parts.ts';

type Parts = FactoryProvider[];

const useCases = [
  CreateKey,
  ListKeys,
  GetKey,
  UpdateKey,
  RotateKey,
  ResetKey,
  RevokeKey,
  OverviewKey,
  ChangeKeys,
  CreateTeam,
  ListTeams,
  GetTeam,
  UpdateTeam,
  ResetTeam,
  DeleteTeam,
  OverviewTeam,
  GetOrganization,
  UpdateOrganization,
  ResetOrganization,
  FoundOrganization,
  CreateAdminKey,
  ListAdminKeys,
  RevokeAdminKey,
  ReadAuditLog,
  ExportAuditLog,
  ScopeUsage,
  PropagationOfScope,
];

/** How far back gateways' reports tell anything: the requests of their last minute. */
const REPORTS_MS = 70_000;
/** Nobody who reads a stream was there before the start. */
const NEWS_MS = 1_000;

/** Wires key-admin: HTTP → use cases → key store and outbox → relay; gateways' reports → propagation; webhooks; streams. */
@Module({})
export class KeyAdminModule {
  static with(config: KeyAdminConfig, logger: Logger): DynamicModule {
    return {
      module: KeyAdminModule,
      imports: [
        HealthModule.register(),
        KafkaModule.connect(kafkaSettings('key-admin', config, logger), {
          everyPartition: true,
          instance: newId('evt'),
          recentMs: { gateways: REPORTS_MS, keys: NEWS_MS, 'limit-events': NEWS_MS },
        }),
      ],
      controllers: [
        ...ADMIN_CONTROLLERS,
        DocsController,
        ConsoleController,
        GatewaysConsumer,
        LimitEventsConsumer,
        StreamConsumer,
      ],
      providers: [
        { provide: APP_GUARD, useClass: AdminGuard },
        ...useCases,
        KeyStore,
        TeamStore,
        OrganizationStore,
        KnownScope,
        Names,
        ScopeMeter,
        FailedLogins,
        LoginRefusal,
        Sessions,
        Gateways,
        Publications,
        AwaitApplied,
        {
          provide: PropagationMetrics,
          inject: [Gateways],
          useFactory: (gateways: Gateways) =>
            new PropagationMetrics(() => gateways.count(Date.now(), null).gateways),
        },
        Lifecycle,
        {
          provide: LimitEventsLag,
          inject: [DataSource, KafkaBatchServer, KafkaConnection],
          useFactory: (db: DataSource, server: KafkaBatchServer, connection: KafkaConnection) =>
            new LimitEventsLag(db, server, new EndOffsets(connection)),
        },
        {
          provide: IdentifyAdmin,
          inject: [DataSource],
          useFactory: (db: DataSource) =>
            new IdentifyAdmin(db, new BootstrapAdmin(config.TOLLGATE_ADMIN_KEY), config.TOLLGATE_KEY_PEPPERS),
        },
        { provide: AuditTrail, useFactory: () => new AuditTrail(config.TOLLGATE_EVENT_KEYS) },
        { provide: GatewayAddress, useFactory: () => new GatewayAddress(config.TOLLGATE_GATEWAY_URL) },
        { provide: SecretMint, useFactory: () => new SecretMint(config.TOLLGATE_KEY_PEPPERS) },
        {
          provide: MeteringClient,
          useFactory: () => new MeteringClient(config.METERING_URL, config.TOLLGATE_INTERNAL_TOKEN),
        },
        {
          provide: ConsoleFiles,
          useFactory: () => ConsoleFiles.read(config.TOLLGATE_CONSOLE_DIR ?? builtConsole()),
        },
        ...databaseParts(config, logger),
        ...webhookParts(config, logger),
        ...streamParts(logger),
      ],
    };
  }
}

const databaseParts = (config: KeyAdminConfig, logger: Logger): Parts => [
  {
    provide: DataSource,
    useFactory: () => openDatabase(config.DATABASE_URL, logger),
  },
  {
    provide: OutboxRelay,
    inject: [DataSource, Publisher, Publications, Readiness],
    useFactory: (
      dataSource: DataSource,
      publisher: Publisher,
      publications: Publications,
      readiness: Readiness,
    ) => ScopeRelay.create({ dataSource, publisher, publications, readiness, logger }),
  },
];
