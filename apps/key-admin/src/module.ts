import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { OutboxRelay } from '@tollgate/event-store/outbox-relay';
import { KafkaModule, kafkaSettings } from '@tollgate/kafka/kafka-module';
import { Publisher } from '@tollgate/kafka/publisher';
import { FailedLogins } from '@tollgate/service-kit/failed-logins';
import { HealthModule, Readiness } from '@tollgate/service-kit/health';
import { newId } from '@tollgate/service-kit/ids';
import type { Logger } from '@tollgate/service-kit/log';
import { createDataSource } from '@tollgate/service-kit/postgres';
import { DataSource } from 'typeorm';
import { BootstrapAdmin } from './admin/bootstrap-admin.ts';
import type { KeyAdminConfig } from './config.ts';
import { GatewaysConsumer } from './consumers/gateways-consumer.ts';
import { LimitEventsConsumer } from './consumers/limit-events-consumer.ts';
import { AdminGuard } from './http/admin-guard.ts';
import { KeysController } from './http/keys-controller.ts';
import { MeController } from './http/me-controller.ts';
import { WebhooksController } from './http/webhooks-controller.ts';
import { ChangeKeys } from './keys/change-keys.ts';
import { CreateKey } from './keys/create-key.ts';
import { GetKey } from './keys/get-key.ts';
import { KeyRelay } from './keys/key-relay.ts';
import { KeyStore } from './keys/key-store.ts';
import { KeyUsage } from './keys/key-usage.ts';
import { ListKeys } from './keys/list-keys.ts';
import { SecretMint } from './keys/new-secret.ts';
import { OverviewKey } from './keys/overview-key.ts';
import { PropagationOfKey } from './keys/propagation-of-key.ts';
import { ResetKey } from './keys/reset-key.ts';
import { RevokeKey } from './keys/revoke-key.ts';
import { RotateKey } from './keys/rotate-key.ts';
import { UpdateKey } from './keys/update-key.ts';
import { Lifecycle } from './lifecycle.ts';
import { MeteringClient } from './metering-client.ts';
import { KeyEvents1764028800000 } from './migrations/1764028800000-key-events.ts';
import { AllowLists1764115200000 } from './migrations/1764115200000-allow-lists.ts';
import { Webhooks1764201600000 } from './migrations/1764201600000-webhooks.ts';
import { KeyCreations1764374400000 } from './migrations/1764374400000-key-creations.ts';
import { AwaitApplied } from './propagation/await-applied.ts';
import { Gateways } from './propagation/gateways.ts';
import { Publications } from './propagation/publications.ts';
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
  KeyUsage,
  ChangeKeys,
  PropagationOfKey,
];

/** How far back gateways' reports tell anything: the requests of their last minute. */
const REPORTS_MS = 70_000;

/** Wires key-admin: HTTP → use cases → key store and outbox → relay; gateways' reports → propagation; webhooks. */
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
          recentMs: { gateways: REPORTS_MS },
        }),
      ],
      controllers: [KeysController, MeController, WebhooksController, GatewaysConsumer, LimitEventsConsumer],
      providers: [
        { provide: APP_GUARD, useClass: AdminGuard },
        ...useCases,
        KeyStore,
        FailedLogins,
        Gateways,
        Publications,
        AwaitApplied,
        Lifecycle,
        { provide: BootstrapAdmin, useFactory: () => new BootstrapAdmin(config.TOLLGATE_ADMIN_KEY) },
        { provide: SecretMint, useFactory: () => new SecretMint(config.TOLLGATE_KEY_PEPPERS) },
        {
          provide: MeteringClient,
          useFactory: () => new MeteringClient(config.METERING_URL, config.TOLLGATE_INTERNAL_TOKEN),
        },
        ...databaseParts(config, logger),
        ...webhookParts(config, logger),
      ],
    };
  }
}

const databaseParts = (config: KeyAdminConfig, logger: Logger): Parts => [
  {
    provide: DataSource,
    useFactory: async () => {
      const dataSource = createDataSource({
        url: config.DATABASE_URL,
        applicationName: 'key-admin',
        migrations: [
          KeyEvents1764028800000,
          AllowLists1764115200000,
          Webhooks1764201600000,
          KeyCreations1764374400000,
        ],
        logger,
      });
      await dataSource.initialize();
      await dataSource.runMigrations();
      return dataSource;
    },
  },
  {
    provide: OutboxRelay,
    inject: [DataSource, Publisher, Publications, Readiness],
    useFactory: (
      dataSource: DataSource,
      publisher: Publisher,
      publications: Publications,
      readiness: Readiness,
    ) => KeyRelay.create({ dataSource, publisher, publications, readiness, logger }),
  },
];
