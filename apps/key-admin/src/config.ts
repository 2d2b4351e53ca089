import {
  commonSettings,
  databaseUrl,
  loadConfig,
  port,
  trustedProxies,
  versionedKeys,
} from '@tollgate/service-kit/config';
import { parseToken } from '@tollgate/service-kit/tokens';
import { z } from 'zod';
import type { AllowedHost } from './webhooks/receiver-policy.ts';

const ALLOWED_HOST = /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+)(?::(\d{1,5}))?$/i;

/** `host,host:port`: receivers of webhooks that may be private or loopback addresses, and may speak plain HTTP. */
const allowedHosts = z
  .string()
  .default('')
  .transform((text, ctx): AllowedHost[] => {
    const entries = text.split(',').filter((entry) => entry.trim() !== '');
    return entries.map((entry) => {
      const match = ALLOWED_HOST.exec(entry.trim());
      if (!match) {
        ctx.addIssue({
          code: 'custom',
          message: 'must be a list of host or host:port, such as "10.0.0.7:8080"',
        });
        return z.NEVER;
      }
      return { host: match[1]!.toLowerCase(), port: match[2] ?? null };
    });
  });

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
  TOLLGATE_WEBHOOK_ALLOWED_HOSTS: allowedHosts,
  /** Addresses and CIDRs of proxies whose `x-forwarded-for` is believed, for the audit log and failed logins. */
  TOLLGATE_TRUSTED_PROXIES: trustedProxies,
  /** Where callers of the router reach it: shown with new keys. */
  TOLLGATE_GATEWAY_URL: z.url().optional(),
  /** The folder of the built console, where it is not the one that is built with the service. */
  TOLLGATE_CONSOLE_DIR: z.string().optional(),
});

export type KeyAdminConfig = z.output<typeof settings>;

export const loadKeyAdminConfig = (env: NodeJS.ProcessEnv): KeyAdminConfig =>
  loadConfig('key-admin', settings, env);
