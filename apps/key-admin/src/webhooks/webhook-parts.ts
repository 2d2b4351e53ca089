import type { FactoryProvider, Provider } from '@nestjs/common';
import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { Publisher } from '@tollgate/kafka/publisher';
import type { Logger } from '@tollgate/service-kit/log';
import { DataSource } from 'typeorm';
import { Agent } from 'undici';
import { AuditTrail } from '../audit/audit-trail.ts';
import type { KeyAdminConfig } from '../config.ts';
import { Attempt } from './attempt.ts';
import { CreateWebhook } from './create-webhook.ts';
import { DeleteWebhook } from './delete-webhook.ts';
import { noteFirstOffsets } from './first-offsets.ts';
import { WEBHOOKS_GROUP } from './follow-group.ts';
import { GetWebhook } from './get-webhook.ts';
import { WebhookLifecycle } from './lifecycle.ts';
import { ListDeliveries } from './list-deliveries.ts';
import { ListWebhooks } from './list-webhooks.ts';
import { receiverAgent } from './post.ts';
import { ReceiverPolicy } from './receiver-policy.ts';
import { ReplaceWebhooks } from './replace-webhooks.ts';
import { ResealSecrets } from './reseal-secrets.ts';
import { RetryDelivery } from './retry-delivery.ts';
import { RotateWebhook } from './rotate-webhook.ts';
import { SecretVault } from './secret-vault.ts';
import { WebhookSender } from './sender.ts';
import { readBacklog } from './sql/read-backlog.ts';
import { TestWebhook } from './test-webhook.ts';
import { WebhookTimekeeper } from './timekeeper.ts';
import { UpdateWebhook } from './update-webhook.ts';
import { WebhookMetrics } from './webhook-metrics.ts';

/** The server of the group `webhooks`, beside the one that reads every partition. */
export const WEBHOOKS_SERVER = Symbol('webhooks server');

const useCases = [
  CreateWebhook,
  ListWebhooks,
  GetWebhook,
  UpdateWebhook,
  DeleteWebhook,
  RotateWebhook,
  ReplaceWebhooks,
  ResealSecrets,
  ListDeliveries,
  RetryDelivery,
];

/** Limit events and expiring keys → deliveries → sender. */
export const webhookParts = (config: KeyAdminConfig, logger: Logger): Provider[] => [
  ...useCases,
  WebhookLifecycle,
  { provide: SecretVault, useFactory: () => new SecretVault(config.TOLLGATE_KEY_PEPPERS) },
  { provide: ReceiverPolicy, useFactory: () => new ReceiverPolicy(config.TOLLGATE_WEBHOOK_ALLOWED_HOSTS) },
  { provide: Agent, inject: [ReceiverPolicy], useFactory: receiverAgent },
  {
    provide: WebhookMetrics,
    inject: [DataSource],
    useFactory: (db: DataSource) => new WebhookMetrics(() => readBacklog(db)),
  },
  {
    provide: Attempt,
    inject: [DataSource, Agent, ReceiverPolicy, SecretVault, WebhookMetrics],
    useFactory: (
      db: DataSource,
      agent: Agent,
      policy: ReceiverPolicy,
      vault: SecretVault,
      metrics: WebhookMetrics,
    ) => new Attempt({ db, agent, policy, vault, metrics }),
  },
  {
    provide: TestWebhook,
    inject: [DataSource, Attempt, AuditTrail],
    useFactory: (db: DataSource, attempt: Attempt, audit: AuditTrail) => new TestWebhook(db, attempt, audit),
  },
  ...workers(logger),
];

const workers = (logger: Logger): FactoryProvider[] => [
  {
    provide: WebhookSender,
    inject: [DataSource, Attempt],
    useFactory: (db: DataSource, attempt: Attempt) => new WebhookSender(db, attempt, logger),
  },
  {
    provide: WebhookTimekeeper,
    inject: [DataSource, WebhookMetrics],
    useFactory: (db: DataSource, metrics: WebhookMetrics) => new WebhookTimekeeper(db, metrics, logger),
  },
  {
    provide: WEBHOOKS_SERVER,
    inject: [DataSource, KafkaConnection, Publisher],
    useFactory: async (db: DataSource, connection: KafkaConnection, publisher: Publisher) => {
      await noteFirstOffsets(db, connection);
      return new KafkaBatchServer(connection, publisher, { group: WEBHOOKS_GROUP });
    },
  },
];
