import { TollgateError } from '@tollgate/contracts/errors';
import { ConfigError } from '@tollgate/service-kit/config';
import { z } from 'zod';
import { readJsonFile } from './json-file.ts';

const providersFile = z.strictObject({
  providers: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lowercase letters, digits or dashes'),
        protocol: z.enum(['openai']),
        base_url: z.url(),
        /** A variable that replaces `base_url` where it is set. */
        base_url_variable: z.string().optional(),
        /** The variable that holds the provider's API key. */
        credential: z.string(),
        /** Model names; one that ends in `*` stands for all that begin so. */
        models: z.array(z.string().min(1)).min(1),
      }),
    )
    .min(1),
});

export interface Provider {
  readonly name: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path before the endpoint, such as `/v1`. */
  readonly basePath: string;
  readonly credential: string;
  readonly models: readonly string[];
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Reads the providers' file, with credentials from the environment. @throws ConfigError */
export function readProviders(path: string, env: NodeJS.ProcessEnv, allowHttp: boolean): Provider[] {
  const { providers } = readJsonFile(path, providersFile, 'TOLLGATE_PROVIDERS');
  return providers.map((entry) => {
    const url = new URL((entry.base_url_variable && env[entry.base_url_variable]) || entry.base_url);
    if (url.protocol !== 'https:' && !LOOPBACK.has(url.hostname) && !allowHttp) {
      throw new ConfigError(
        `provider ${entry.name}: ${url.origin} is not https; credentials would travel in the clear. ` +
          'Use https, or set TOLLGATE_ALLOW_HTTP_PROVIDERS=true on a network you trust.',
      );
    }
    const credential = env[entry.credential];
    if (!credential) {
      throw new ConfigError(
        `provider ${entry.name}: set ${entry.credential} to its API key, or remove it from ${path}.`,
      );
    }
    const { name, models } = entry;
    return { name, origin: url.origin, basePath: url.pathname.replace(/\/+$/, ''), credential, models };
  });
}

/** The provider that serves a model: the first whose list names it. @throws TollgateError `model_not_found` */
export function providerOf(providers: readonly Provider[], model: string): Provider {
  for (const provider of providers) {
    for (const pattern of provider.models) {
      if (pattern === model || (pattern.endsWith('*') && model.startsWith(pattern.slice(0, -1))))
        return provider;
    }
  }
  throw new TollgateError('model_not_found', `No provider here serves the model "${model.slice(0, 100)}".`, {
    param: 'model',
  });
}
