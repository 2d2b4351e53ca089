import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  brokerSettings,
  ConfigError,
  commonSettings,
  databaseUrl,
  internalToken,
  orExit,
  port,
  readConfig,
  shutdownSettings,
} from '@tollgate/service-kit/config';
import { z } from 'zod';
import { parseStripeFile, type StripeFile } from './stripe/stripe-file.ts';

const STRIPE_FILE = fileURLToPath(new URL('../../../infra/stripe.json', import.meta.url));
const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\/?$/;

const { TOLLGATE_TOPIC_PREFIX, LOG_LEVEL } = commonSettings;
const settings = z.object({
  // No TOLLGATE_EVENT_KEYS: what it reads is not signed, and whoever has them can mint keys.
  ...brokerSettings,
  TOLLGATE_TOPIC_PREFIX,
  LOG_LEVEL,
  ...shutdownSettings,
  PORT: port(4003),
  /** Its API is for the deployment's own services. */
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: databaseUrl,
  TOLLGATE_INTERNAL_TOKEN: internalToken,
  /** Which team is which customer of Stripe's, and what is metered there. */
  BILLING_STRIPE_FILE: z.string().default(STRIPE_FILE),
  /** How long an hour that is over waits for late records before it is written. */
  BILLING_GRACE_MS: z.coerce
    .number()
    .int()
    .min(0, 'must be from 0 to 86400000')
    .max(86_400_000, 'must be from 0 to 86400000')
    .default(600_000),
  /** Nothing is sent unless this is `true`, whatever else is set. */
  BILLING_STRIPE_SEND: z.enum(['true', 'false'], 'must be true or false').default('false'),
  STRIPE_API_KEY: z.string().optional(),
  STRIPE_API_BASE: z
    .string()
    .refine((url) => LOOPBACK.test(url) || /^https:\/\/[^/?#@]+\/?$/.test(url), {
      message: 'must be an origin such as https://api.stripe.com; http is for this machine alone',
    })
    .default('https://api.stripe.com'),
});

export interface BillingConfig extends z.output<typeof settings> {
  readonly stripe: StripeFile;
  /** How to reach Stripe; `null` where nothing is to be sent. */
  readonly sending: { readonly apiKey: string; readonly base: string } | null;
}

export const loadBillingConfig = (env: NodeJS.ProcessEnv): BillingConfig =>
  orExit(() => readBillingConfig(env));

/** @throws ConfigError naming what is missing or wrong */
export function readBillingConfig(env: NodeJS.ProcessEnv): BillingConfig {
  const read = readConfig('billing-export', settings, env);
  const { STRIPE_API_KEY: apiKey, STRIPE_API_BASE: base } = read;
  if (read.BILLING_STRIPE_SEND === 'true' && !apiKey) {
    throw new ConfigError('BILLING_STRIPE_SEND=true needs STRIPE_API_KEY: set it, or leave the sending off.');
  }
  return {
    ...read,
    stripe: readStripeFile(read.BILLING_STRIPE_FILE),
    sending: read.BILLING_STRIPE_SEND === 'true' && apiKey ? { apiKey, base } : null,
  };
}

function readStripeFile(file: string): StripeFile {
  try {
    return parseStripeFile(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new ConfigError(`BILLING_STRIPE_FILE ${file} cannot be used: ${(error as Error).message}`);
  }
}
