import { addressRange } from '@tollgate/contracts/allow-lists';
import { DEFAULT_TOPIC_PREFIX } from '@tollgate/contracts/topics';
import { z } from 'zod';

/** A secret with the version that names it where it was used; the first of a list is used, all are accepted. */
export interface VersionedKey {
  readonly version: number;
  readonly key: Buffer;
}

const VERSIONED_KEY = /^([1-9]\d{0,8}):((?:[0-9a-fA-F]{2}){16,64})$/;

/** `2:<hex>,1:<hex>` with 16 to 64 bytes each, newest first. */
export const versionedKeys = z.string().transform((text, ctx): VersionedKey[] => {
  const keys: VersionedKey[] = [];
  for (const part of text.split(',')) {
    const match = VERSIONED_KEY.exec(part.trim());
    if (!match) {
      ctx.addIssue({
        code: 'custom',
        message:
          'must be a list like "2:<hex>,1:<hex>" with 16 to 64 bytes of hex each; `openssl rand -hex 32` makes one',
      });
      return z.NEVER;
    }
    keys.push({ version: Number(match[1]), key: Buffer.from(match[2]!, 'hex') });
  }
  return keys;
});

export const port = (standard: number) =>
  z.coerce
    .number()
    .int()
    .min(0, 'must be a port, 0 to 65535')
    .max(65_535, 'must be a port, 0 to 65535')
    .default(standard);

/** Addresses and CIDRs of proxies whose `x-forwarded-for` is believed, separated by commas; none where it is unset. */
export const trustedProxies = z
  .string()
  .default('')
  .transform((text) => (text.trim() === '' ? [] : text.split(',')))
  .pipe(z.array(addressRange));

export const databaseUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must be a URL such as postgres://user:password@host/database',
});

/** `host:port,host:port` */
export const brokers = z
  .string()
  .transform((text) => text.split(',').map((broker) => broker.trim()))
  .pipe(z.array(z.string().regex(/^\S+:\d+$/, 'must be a list of host:port')).min(1));

export const topicPrefix = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
  .default(DEFAULT_TOPIC_PREFIX);

export const logLevel = z
  .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  .default('info');

/** What services show to one another. */
export const internalToken = z
  .string()
  .min(16, 'must have at least 16 characters; `openssl rand -hex 32` makes one');

/** The settings every service has. */
export const commonSettings = {
  KAFKA_BROKERS: brokers,
  TOLLGATE_TOPIC_PREFIX: topicPrefix,
  TOLLGATE_EVENT_KEYS: versionedKeys,
  LOG_LEVEL: logLevel,
};

export class ConfigError extends Error {}

/** Reads settings from the environment. @throws ConfigError naming every variable that is missing or wrong */
export function readConfig<S extends z.ZodObject>(
  service: string,
  schema: S,
  env: NodeJS.ProcessEnv,
): z.output<S> {
  // An empty variable, as compose files leave behind, means unset.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(set);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const name = issue.path.join('.');
    const missing = issue.code === 'invalid_type' && !(name in set);
    return `  ${name}: ${missing ? 'is not set' : issue.message}`;
  });
  throw new ConfigError(`${service} cannot start; its environment is incomplete:\n${problems.join('\n')}`);
}

/** {@link readConfig} at the start of a process: prints every problem and exits with 1. */
export const loadConfig = <S extends z.ZodObject>(
  service: string,
  schema: S,
  env: NodeJS.ProcessEnv,
): z.output<S> => orExit(() => readConfig(service, schema, env));

/** Reads configuration of any kind; a {@link ConfigError} is printed and ends the process with 1. */
export function orExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
