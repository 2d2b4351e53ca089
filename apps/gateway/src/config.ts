import { fileURLToPath } from 'node:url';
import { type PriceBook, readPriceBook } from '@tollgate/prices/price-book';
import {
  commonSettings,
  internalToken,
  orExit,
  port,
  readConfig,
  trustedProxies,
  versionedKeys,
} from '@tollgate/service-kit/config';
import { tracingSettings } from '@tollgate/service-kit/tracing';
import { z } from 'zod';
import { type Providers, readProviders } from './providers/providers.ts';

const infra = (file: string) => fileURLToPath(new URL(`../../../infra/${file}`, import.meta.url));
const MIB = 1_048_576;

const settings = z.object({
  ...commonSettings,
  ...tracingSettings,
  PORT: port(4000),
  HOST: z.string().default('0.0.0.0'),
  /** Names this gateway in events; unique among live ones. Else a name is made, and kept beside the log. */
  TOLLGATE_INSTANCE: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,60}$/, 'must be 1 to 60 letters, digits, dots, dashes or underscores')
    .optional(),
  /** Processes that serve the port together, each an instance of its own. */
  GATEWAY_WORKERS: z.coerce.number().int().min(1).max(256).default(1),
  /** Which of them this process is; set by the process that starts them. */
  TOLLGATE_WORKER: z.coerce.number().int().min(0).default(0),
  /** Where the write-ahead log is; a disk that outlives the process. */
  TOLLGATE_LOG_DIR: z.string().default('.tollgate/gateway'),
  /** Room of the write-ahead log; new requests are refused beyond it. */
  TOLLGATE_LOG_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(MIB)
    .max(1_024 * 1_024 * MIB)
    .default(1_024 * MIB),
  TOLLGATE_KEY_PEPPERS: versionedKeys,
  /** Where parts of limits are asked for, and what services show to one another. */
  TOLLGATE_METERING_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }),
  TOLLGATE_INTERNAL_TOKEN: internalToken,
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
  /** The longest that an answer may take, in ms. */
  TOLLGATE_MAX_STREAM_MS: z.coerce.number().int().min(1_000).max(86_400_000).default(1_800_000),
  /** Addresses and CIDRs of proxies whose `x-forwarded-for` is believed, separated by commas. */
  TOLLGATE_TRUSTED_PROXIES: trustedProxies,
  /** How old the state of keys may be, in seconds, before nobody is let in any more. */
  KEY_STATE_MAX_AGE: z.coerce.number().int().min(5).max(604_800).default(900),
  /** A client has this long to send its headers, and its whole request, in ms. */
  TOLLGATE_HEADERS_TIMEOUT_MS: z.coerce.number().int().min(100).max(3_600_000).default(15_000),
  TOLLGATE_REQUEST_TIMEOUT_MS: z.coerce.number().int().min(100).max(3_600_000).default(120_000),
  /** Usage records kept in memory while the broker is away. */
  TOLLGATE_USAGE_BACKLOG: z.coerce.number().int().min(100).max(10_000_000).default(200_000),
});

export type GatewayConfig = z.output<typeof settings> & { providers: Providers; priceBook: PriceBook };

export const loadGatewayConfig = (env: NodeJS.ProcessEnv): GatewayConfig =>
  orExit(() => {
    const config = readConfig('gateway', settings, env);
    const providers = readProviders(config.TOLLGATE_PROVIDERS, env, config.TOLLGATE_ALLOW_HTTP_PROVIDERS);
    return { ...config, providers, priceBook: readPriceBook(config.TOLLGATE_PRICES, providers.list) };
  });
