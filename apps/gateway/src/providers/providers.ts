import { ConfigError, readVariable } from '@tollgate/service-kit/config';
import { readJsonFile } from '@tollgate/service-kit/json-file';
import { z } from 'zod';
import { PROTOCOLS, type Protocol } from '../call/endpoints.ts';

const MAX_FALLBACKS = 8;
const providerName = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lowercase letters, digits or dashes');

const providersFile = z.strictObject({
  providers: z
    .array(
      z.strictObject({
        name: providerName,
        protocol: z.enum(PROTOCOLS),
        base_url: z.url(),
        /** A variable that replaces `base_url` where it is set. */
        base_url_variable: z.string().optional(),
        /** The variable that holds the provider's API key. */
        credential: z.string(),
        /** Left out, instead of an error at the start, while its credential is not set. */
        optional: z.boolean().default(false),
        /** Model names; one that ends in `*` stands for all that begin so. */
        models: z.array(z.string().min(1)).min(1),
        /** The provider's id in the price catalog, where it is not its name. */
        catalog: z.string().optional(),
        /** How often an attempt is repeated that failed before its answer began. */
        retries: z.int().min(0).max(5).default(1),
        /** Whether it is told the trace of each request (W3C `traceparent`), where traces are sent at all. */
        trace_context: z.boolean().default(false),
      }),
    )
    .min(1),
  /** Model → models, as `provider/model` or by name, to try in this order when all its attempts failed. */
  fallbacks: z.record(z.string(), z.array(z.string().min(1)).max(MAX_FALLBACKS)).default({}),
});

export interface Provider {
  readonly name: string;
  readonly protocol: Protocol;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path before the endpoint, such as `/v1`. */
  readonly basePath: string;
  readonly credential: string;
  readonly models: readonly string[];
  /** The price catalog's id, where it is not the name. */
  readonly catalog: string | undefined;
  readonly retries: number;
  readonly traceContext: boolean;
}

export interface Providers {
  readonly list: readonly Provider[];
  readonly fallbacks: ReadonlyMap<string, readonly string[]>;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Reads the providers' file, with credentials from the environment. @throws ConfigError */
export function readProviders(path: string, env: NodeJS.ProcessEnv, allowHttp: boolean): Providers {
  const { providers, fallbacks } = readJsonFile(path, providersFile, 'TOLLGATE_PROVIDERS');
  const present = providers.filter(({ optional, credential }) => !optional || readVariable(env, credential));
  if (present.length === 0) {
    const variables = providers.map(({ credential }) => credential).join(', ');
    throw new ConfigError(`no provider can be used: set at least one of ${variables} to its API key.`);
  }
  const names = present.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new ConfigError(`provider ${twice} is in ${path} twice: give each its own name.`);
  const list = present.map((entry): Provider => {
    const url = new URL((entry.base_url_variable && env[entry.base_url_variable]) || entry.base_url);
    if (url.protocol !== 'https:' && !LOOPBACK.has(url.hostname) && !allowHttp) {
      throw new ConfigError(
        `provider ${entry.name}: ${url.origin} is not https; credentials would travel in the clear. ` +
          'Use https, or set TOLLGATE_ALLOW_HTTP_PROVIDERS=true on a network you trust.',
      );
    }
    const credential = readVariable(env, entry.credential);
    if (!credential) {
      throw new ConfigError(
        `provider ${entry.name}: set ${entry.credential} to its API key, or remove it from ${path}.`,
      );
    }
    return {
      name: entry.name,
      protocol: entry.protocol,
      origin: url.origin,
      basePath: url.pathname.replace(/\/+$/, ''),
      credential,
      models: entry.models,
      catalog: entry.catalog,
      retries: entry.retries,
      traceContext: entry.trace_context,
    };
  });
  return { list, fallbacks: new Map(Object.entries(fallbacks)) };
}
