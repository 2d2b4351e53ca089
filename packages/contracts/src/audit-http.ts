import { z } from 'zod';
import { instantInput } from './instant.ts';

/** What administrators do, as the audit log names it. */
export const AUDIT_ACTIONS = [
  'key.created',
  'key.updated',
  'key.enabled',
  'key.disabled',
  'key.rotated',
  'key.reset',
  'key.revoked',
  'team.created',
  'team.updated',
  'team.reset',
  'team.deleted',
  'organization.founded',
  'organization.updated',
  'organization.reset',
  'admin_key.created',
  'admin_key.revoked',
  'webhook.created',
  'webhook.updated',
  'webhook.rotated',
  'webhook.deleted',
  'webhook.tested',
  'webhook.delivery_retried',
  'session.opened',
  'session.ended',
] as const;
export const auditAction = z.enum(AUDIT_ACTIONS);
export type AuditAction = z.infer<typeof auditAction>;

const filters = {
  /** The id of an admin key. */
  actor: z.string().min(1).max(64).optional(),
  action: auditAction.optional(),
  /** The id of what was changed. */
  target: z.string().min(1).max(64).optional(),
  from: instantInput.optional(),
  to: instantInput.optional(),
};

export const auditQuery = z.strictObject({
  ...filters,
  limit: z.coerce
    .number()
    .int()
    .min(1, 'must be from 1 to 200')
    .max(200, 'must be from 1 to 200')
    .default(50),
  cursor: z.string().max(512).optional(),
});
export type AuditQuery = z.infer<typeof auditQuery>;

export const auditExportQuery = z.strictObject({
  ...filters,
  format: z.enum(['csv', 'ndjson']).default('csv'),
});
export type AuditExportQuery = z.infer<typeof auditExportQuery>;

const fields = z.record(z.string(), z.unknown());
export const auditEntry = z.object({
  /** Its place in the log: 1, 2, 3 … without a gap. */
  sequence: z.int().positive(),
  at: z.string(),
  actor: z.string(),
  /** Where the call came from; `null` for what the service did by itself. */
  address: z.string().nullable(),
  action: auditAction,
  target: z.string(),
  /** The team that it was in, which is whose administrators may read it. */
  team_id: z.string().nullable(),
  /** The fields that changed, as they were and as they became; never a secret. */
  before: fields.nullable(),
  after: fields.nullable(),
  /** HMAC-SHA256, in hex, over this entry and the hash of the one before. */
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

/** With the names of today, which are no part of the entry: `null` of what has none, or is not there any more. */
export const shownAuditEntry = auditEntry.extend({
  actor_name: z.string().nullable().optional(),
  target_name: z.string().nullable().optional(),
  team_name: z.string().nullable().optional(),
});
export type ShownAuditEntry = z.infer<typeof shownAuditEntry>;

/** Newest first. */
export const auditPage = z.object({ data: z.array(shownAuditEntry), next_cursor: z.string().nullable() });
export type AuditPage = z.infer<typeof auditPage>;
