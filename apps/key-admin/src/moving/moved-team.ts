import { createHmac } from 'node:crypto';
import { secretDigest } from '@tollgate/contracts/events';
import { limits } from '@tollgate/contracts/limits';
import type { VersionedKey } from '@tollgate/service-kit/config';
import { z } from 'zod';

const limited = { limits, limit_revision: z.int().positive(), generation: z.int().nonnegative() };
const made = { created_at: z.string(), created_by: z.string(), version: z.int().positive() };

const team = z.object({
  id: z.string().regex(/^team_[0-9A-Za-z]+$/),
  name: z.string(),
  ...limited,
  ...made,
  deleted_at: z.string().nullable(),
});
const key = z.object({
  id: z.string().regex(/^key_[0-9A-Za-z]+$/),
  team_id: z.string(),
  name: z.string(),
  owner: z.string().nullable(),
  environment: z.string().nullable(),
  purpose: z.string().nullable(),
  expires_at: z.string().nullable(),
  ...limited,
  allowed_models: z.array(z.string()).nullable(),
  allowed_ips: z.array(z.string()).nullable(),
  metadata: z.record(z.string(), z.string()),
  enabled: z.boolean(),
  revoked_at: z.string().nullable(),
  secrets: z.array(secretDigest).min(1),
  ...made,
});

/** A team and its keys as they leave a deployment: with digests, so that their holders notice nothing. */
export const movedTeam = z.object({
  kind: z.literal('tollgate team'),
  exported_at: z.string(),
  team,
  keys: z.array(key),
  /** Of the peppers that digested the secrets: version there → fingerprint. */
  peppers: z.record(z.string(), z.string()),
});
export type MovedTeam = z.infer<typeof movedTeam>;
export type MovedKey = MovedTeam['keys'][number];

const PURPOSE = 'tollgate pepper fingerprint';
const FINGERPRINT_CHARACTERS = 16;

/** By which two deployments see that they have the same pepper, without telling it. */
export const fingerprintOf = ({ key }: VersionedKey): string =>
  createHmac('sha256', key).update(PURPOSE).digest('hex').slice(0, FINGERPRINT_CHARACTERS);
