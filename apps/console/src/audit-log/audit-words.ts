import type { AuditAction } from '@tollgate/contracts/audit-http';

/** What was done, as a sentence goes on after who did it. */
export const AUDIT_WORDS: Record<AuditAction, string> = {
  'key.created': 'created a key',
  'key.updated': 'changed a key',
  'key.enabled': 'enabled a key',
  'key.disabled': 'disabled a key',
  'key.rotated': 'rotated a key',
  'key.reset': 'reset a key’s usage',
  'key.revoked': 'deleted a key',
  'team.created': 'created a team',
  'team.updated': 'changed a team',
  'team.reset': 'reset a team’s usage',
  'team.deleted': 'deleted a team',
  'organization.founded': 'founded the organization',
  'organization.updated': 'changed the organization',
  'organization.reset': 'reset the organization’s usage',
  'admin_key.created': 'created an admin key',
  'admin_key.revoked': 'ended an admin key',
  'webhook.created': 'created a webhook',
  'webhook.updated': 'changed a webhook',
  'webhook.rotated': 'rotated a webhook’s secret',
  'webhook.deleted': 'deleted a webhook',
  'webhook.tested': 'sent a test to a webhook',
  'webhook.delivery_retried': 'sent a delivery again',
  'session.opened': 'signed in',
  'session.ended': 'signed out',
};
