import { z } from 'zod';
import { namesOfToday } from './admin-http.ts';
import { adminId, teamId } from './ids.ts';
import { instantInput } from './instant.ts';
import { scopeName } from './teams-http.ts';

/**
 * What an admin key may do; each may all that the one before may. `viewer` reads; `admin` changes keys and teams;
 * `owner` changes the organization, its webhooks and admin keys. One with a `team_id` acts in that team alone.
 */
export const ADMIN_ROLES = ['viewer', 'admin', 'owner'] as const;
export const adminRole = z.enum(ADMIN_ROLES, `must be one of ${ADMIN_ROLES.join(', ')}`);
export type AdminRole = z.infer<typeof adminRole>;

export const createAdminKeyBody = z.strictObject({
  name: scopeName,
  role: adminRole,
  team_id: teamId.nullable().optional(),
  expires_at: instantInput.nullable().optional(),
});
export type CreateAdminKeyBody = z.infer<typeof createAdminKeyBody>;

export const listAdminKeysQuery = z.strictObject({
  team_id: teamId.optional(),
  /** `true` shows revoked ones too. */
  revoked: z.stringbool({ error: 'must be true or false' }).default(false),
  limit: z.coerce
    .number()
    .int()
    .min(1, 'must be from 1 to 200')
    .max(200, 'must be from 1 to 200')
    .default(25),
  cursor: z.string().max(512).optional(),
});
export type ListAdminKeysQuery = z.infer<typeof listAdminKeysQuery>;

export const adminKey = z.object({
  id: adminId,
  name: z.string(),
  role: adminRole,
  /** The one team in which it acts; `null` is everywhere. */
  team_id: z.string().nullable(),
  /** The part of the key that may be shown: `tga_…` up to the secret. */
  prefix: z.string(),
  last_four: z.string(),
  created_at: z.string(),
  created_by: z.string(),
  ...namesOfToday,
  expires_at: z.string().nullable(),
  /** To the minute. */
  last_used_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
});
export type AdminKey = z.infer<typeof adminKey>;

/** `secret` is the admin key itself; it is shown here and never again. */
export const adminKeyWithSecret = z.object({ admin_key: adminKey, secret: z.string() });
export type AdminKeyWithSecret = z.infer<typeof adminKeyWithSecret>;

export const adminKeyPage = z.object({ data: z.array(adminKey), next_cursor: z.string().nullable() });
export type AdminKeyPage = z.infer<typeof adminKeyPage>;

/** `GET /v1/me`: the caller's own admin key, and where callers of the router reach it. */
export const me = adminKey.pick({ id: true, name: true, prefix: true, role: true, team_id: true }).extend({
  /** Without a slash at its end; `null` where key-admin was not told. */
  gateway_url: z.string().nullable(),
});
export type Me = z.infer<typeof me>;
