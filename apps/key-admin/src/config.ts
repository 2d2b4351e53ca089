import { commonSettings, databaseUrl, loadConfig, port, versionedKeys } from '@tollgate/service-kit/config';
import { parseToken } from '@tollgate/service-kit/tokens';
import { z } from 'zod';

export const settings = z.object({
  ...commonSettings,
  PORT: port(4001),
  HOST: z.string().default('0.0.0.0'),
  DATABASE_URL: databaseUrl,
  /** Digest the keys' secrets; the first is used for new ones, and gateways need all that are in use. */
  TOLLGATE_KEY_PEPPERS: versionedKeys,
  /** The admin key that exists before any other. */
  TOLLGATE_ADMIN_KEY: z
    .string()
    .refine(
      (text) => parseToken(text)?.kind === 'tga',
      'must be an admin key, tga_…, whole; `npm start` makes one when it is unset',
    ),
  METERING_URL: z.url().default('http://127.0.0.1:4002'),
  TOLLGATE_INTERNAL_TOKEN: z.string().min(16, 'must have at least 16 characters'),
});

export type KeyAdminConfig = z.output<typeof settings>;

export const loadKeyAdminConfig = (env: NodeJS.ProcessEnv): KeyAdminConfig =>
  loadConfig('key-admin', settings, env);
