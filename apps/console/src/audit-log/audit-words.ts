import type { AuditAction } from '@tollgate/contracts/audit-http';

/** What was done and to what, as a sentence goes on after who did it. */
export const AUDIT_WORDS: Record<AuditAction, string> = {
  'key.created': 'created the key',
  'key.updated': 'changed the key',
  'key.enabled': 'enabled the key',
  'key.disabled': 'disabled the key',
  'key.rotated': 'rotated the key',
  'key.reset': 'reset the usage of the key',
  'key.revoked': 'deleted the key',
  'team.created': 'created the team',
  'team.updated': 'changed the team',
  'team.reset': 'reset the usage of the team',
  'team.deleted': 'deleted the team',
  'organization.founded': 'founded the organization',
  'organization.updated': 'changed the organization',
  'organization.reset': 'reset the usage of the organization',
  'admin_key.created': 'created the admin key',
  'admin_key.revoked': 'revoked the admin key',
  'webhook.created': 'created the webhook',
  'webhook.updated': 'changed the webhook',
  'webhook.rotated': 'rotated the secret of the webhook',
  'webhook.deleted': 'deleted the webhook',
  'webhook.tested': 'sent a test to the webhook',
  'webhook.delivery_retried': 'sent a delivery again to the webhook',
  'session.opened': 'signed in',
  'session.ended': 'signed out',
};

/** These are about the one who did it. */
export const SELF: ReadonlySet<AuditAction> = new Set(['session.opened', 'session.ended']);

const GROUPS = [
  ['key', 'API keys'],
  ['team', 'Teams'],
  ['organization', 'Organization'],
  ['admin_key', 'Admin keys'],
  ['webhook', 'Webhooks'],
  ['session', 'Sessions'],
] as const;

/** Actions to choose from, by what they are done to. */
export const ACTION_CHOICES = GROUPS.map(([prefix, group]) => ({
  group,
  items: (Object.keys(AUDIT_WORDS) as AuditAction[])
    .filter((action) => action.startsWith(`${prefix}.`))
    .map((value) => ({ value, label: AUDIT_WORDS[value].replace(/^./, (letter) => letter.toUpperCase()) })),
}));
