import { readFileSync } from 'node:fs';
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

/** How a service ends that is told to, in ms. */
export const shutdownSettings = {
  /** It says that it is not ready, and serves on for so long, so that balancers have time to notice. */
  TOLLGATE_LEAVE_MS: z.coerce.number().int().min(0).max(120_000).default(5_000),
  /** From the signal to its exit, at the latest; whoever runs it must not kill it before then. */
  TOLLGATE_SHUTDOWN_MS: z.coerce.number().int().min(1_000).max(3_600_000).default(25_000),
};

const pem = z.string().regex(/^-----BEGIN /m, 'must be in PEM: its first line is "-----BEGIN …"');

/** Where the broker is, and how it is reached: TLS and SASL are off unless set. */
export const brokerSettings = {
  KAFKA_BROKERS: brokers,
  KAFKA_SSL: z.stringbool().default(false),
  /** Who vouches for the broker, where the system's authorities do not. */
  KAFKA_SSL_CA: pem.optional(),
  /** A certificate and key of this client, where the broker asks for one. */
  KAFKA_SSL_CERT: pem.optional(),
  KAFKA_SSL_KEY: pem.optional(),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
  KAFKA_SASL_USERNAME: z.string().min(1).optional(),
  KAFKA_SASL_PASSWORD: z.string().min(1).optional(),
};

/** The settings every service has. */
export const commonSettings = {
  ...brokerSettings,
  TOLLGATE_TOPIC_PREFIX: topicPrefix,
  TOLLGATE_EVENT_KEYS: versionedKeys,
  LOG_LEVEL: logLevel,
  ...shutdownSettings,
};

export class ConfigError extends Error {}

const FILE = '_FILE';

/**
 * A variable, or what is in the file that `<name>_FILE` names: secrets come as files where containers run, and an
 * environment is shown more readily. An empty variable, as compose files leave behind, means unset.
 * @throws ConfigError where both are set, or the file cannot be read
 */
export function readVariable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name] || undefined;
  const file = env[name + FILE];
  if (!file) return value;
  if (value !== undefined) throw new ConfigError(`set ${name} or ${name}${FILE}, not both.`);
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined;
  } catch (error) {
    throw new ConfigError(`${name}${FILE} cannot be read: ${(error as Error).message}`);
  }
}

/** Reads settings from the environment, each from its variable or its file. @throws ConfigError naming every variable that is missing or wrong */
export function readConfig<S extends z.ZodObject>(
  service: string,
  schema: S,
  env: NodeJS.ProcessEnv,
): z.output<S> {
  const names = Object.keys(schema.shape);
  const set: Record<string, string> = {};
  for (const name of names) {
    const value = readVariable(env, name);
    if (value !== undefined) set[name] = value;
  }
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
