import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { addressRange } from '@tollgate/contracts/allow-lists';
import { commonSettings, orExit, port, readConfig, versionedKeys } from '@tollgate/service-kit/config';
import { z } from 'zod';
import { type PriceBook, readPriceBook } from './providers/price-book.ts';
import { type Provider, readProviders } from './providers/providers.ts';

const infra = (file: string) => fileURLToPath(new URL(`../../../infra/${file}`, import.meta.url));
const MIB = 1_048_576;

const settings = z.object({
  ...commonSettings,
  PORT: port(4000),
  HOST: z.string().default('0.0.0.0'),
  /** Names this process in events; unique among live gateways. */
  TOLLGATE_INSTANCE: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
    .default(
      () =>
        `${hostname()
          .slice(0, 40)
          .replace(/[^A-Za-z0-9._-]/g, '-')}-${randomBytes(4).toString('hex')}`,
    ),
  TOLLGATE_KEY_PEPPERS: versionedKeys,
  /** Proxies whose `x-forwarded-for` is believed: addresses and CIDRs, with commas between. */
  TOLLGATE_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text) => (text.trim() === '' ? [] : text.split(',')))
    .pipe(z.array(addressRange)),
  /** How old the state of keys may be, in seconds, before nobody is let in any more. */
  KEY_STATE_MAX_AGE: z.coerce.number().int().min(5).max(604_800).default(900),
  TOLLGATE_PROVIDERS: z.string().default(infra('providers.json')),
  TOLLGATE_PRICES: z.string().default(infra('prices.json')),
  /** Plain http to a provider that is not on this machine, for networks that are trusted. */
  TOLLGATE_ALLOW_HTTP_PROVIDERS: z.stringbool().default(false),
  TOLLGATE_MAX_BODY_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(256 * MIB)
    .default(20 * MIB),
  /** Connections, and so requests in flight, to each provider. */
  TOLLGATE_UPSTREAM_CONNECTIONS: z.coerce.number().int().min(1).max(65_536).default(1_024),
  /** Silence of a provider, before its answer begins and within it, in ms. */
  TOLLGATE_UPSTREAM_TIMEOUT_MS: z.coerce.number().int().min(100).max(3_600_000).default(300_000),
  /** How long an answer is read on, to learn its usage, after its client has gone, in ms. */
  TOLLGATE_DRAIN_MS: z.coerce.number().int().min(0).max(600_000).default(30_000),
  /** Usage records kept in memory while the broker is away. */
  TOLLGATE_USAGE_BACKLOG: z.coerce.number().int().min(100).max(10_000_000).default(200_000),
});

export type GatewayConfig = z.output<typeof settings> & { providers: Provider[]; priceBook: PriceBook };

export const loadGatewayConfig = (env: NodeJS.ProcessEnv): GatewayConfig =>
  orExit(() => {
    const config = readConfig('gateway', settings, env);
    return {
      ...config,
      providers: readProviders(config.TOLLGATE_PROVIDERS, env, config.TOLLGATE_ALLOW_HTTP_PROVIDERS),
      priceBook: readPriceBook(config.TOLLGATE_PRICES),
    };
  });
