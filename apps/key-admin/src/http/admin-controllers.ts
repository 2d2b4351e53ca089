import { AdminKeysController } from './admin-keys-controller.ts';
import { AuditLogController } from './audit-log-controller.ts';
import { KeysController } from './keys-controller.ts';
import { MeController } from './me-controller.ts';
import { OrganizationController } from './organization-controller.ts';
import { SessionController } from './session-controller.ts';
import { StreamController } from './stream-controller.ts';
import { TeamsController } from './teams-controller.ts';
import { WebhooksController } from './webhooks-controller.ts';

/** All of the admin API. */
export const ADMIN_CONTROLLERS = [
  KeysController,
  TeamsController,
  OrganizationController,
  AdminKeysController,
  AuditLogController,
  WebhooksController,
  MeController,
  SessionController,
  StreamController,
];
