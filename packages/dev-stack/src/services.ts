import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DatabaseUrls } from './databases.ts';
import type { Secrets } from './secrets.ts';
import type { ServiceOptions } from './service-process.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

export const SERVICE_NAMES = ['fake-provider', 'metering', 'key-admin', 'gateway', 'billing-export'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export type ServicePorts = Readonly<Record<ServiceName, number>>;
export const STANDARD_PORTS: ServicePorts = {
  gateway: 4000,
  'key-admin': 4001,
  metering: 4002,
  'billing-export': 4003,
  'fake-provider': 4010,
};

export interface SystemOptions {
  readonly secrets: Secrets;
  readonly databases: DatabaseUrls;
  readonly brokers: string;
  readonly ports: ServicePorts;
  /** Where the gateway sends requests: the fake provider, or those of the providers file. */
  readonly upstream: 'fake' | 'configured';
  /** Settings and provider credentials of the operator; a service gets those that are for it. */
  readonly env: NodeJS.ProcessEnv;
  /** Where services keep files of their own. */
  readonly stateDir: string;
  /** `tollgate` unless said. */
  readonly topicPrefix?: string;
  /** The address to listen on; 127.0.0.1 unless said. */
  readonly host?: string;
}

/** What the fake provider takes for a real one's API key: it guards nothing. */
const FAKE_CREDENTIAL = 'fake-provider-key';

/**
 * Young objects of the services that carry every request's usage live until the broker or the database has it: with V8's
 * usual 16 MiB most of them are copied before they die, which costs a tenth of their time.
 */
export const BUSY_NODE_ARGS = ['--max-semi-space-size=64'];

/** Set here for each service, so never handed on from the operator's environment. */
const OURS = new Set([
  'TOLLGATE_ADMIN_KEY',
  'TOLLGATE_EVENT_KEYS',
  'TOLLGATE_INTERNAL_TOKEN',
  'TOLLGATE_KEY_PEPPERS',
  'TOLLGATE_KAFKA_PORT',
  'TOLLGATE_METERING_URL',
  'TOLLGATE_POSTGRES_PORT',
]);

/** The variables that hold the credentials of the providers in the file, and their addresses. */
function providerVariables(file: string): string[] {
  const { providers } = JSON.parse(readFileSync(file, 'utf8')) as {
    providers: { credential?: string; base_url_variable?: string }[];
  };
  return providers.flatMap((provider) =>
    [provider.credential, provider.base_url_variable].filter((name) => name !== undefined),
  );
}

function pick(env: NodeJS.ProcessEnv, wanted: (name: string) => boolean): Record<string, string> {
  const picked = Object.entries(env).filter(([name, value]) => value && wanted(name));
  return Object.fromEntries(picked) as Record<string, string>;
}

function gatewayUpstream({ upstream, env, ports }: SystemOptions): Record<string, string> {
  if (upstream === 'fake') {
    const fake = `http://127.0.0.1:${ports['fake-provider']}/v1`;
    return {
      TOLLGATE_PROVIDERS: join(repository, 'infra/providers.json'),
      OPENAI_BASE_URL: fake,
      OPENAI_API_KEY: FAKE_CREDENTIAL,
      ANTHROPIC_BASE_URL: fake,
      ANTHROPIC_API_KEY: FAKE_CREDENTIAL,
    };
  }
  const variables = providerVariables(env.TOLLGATE_PROVIDERS || join(repository, 'infra/providers.json'));
  return pick(env, (name) => variables.includes(name));
}

/**
 * How each service is run: its entry and its whole environment. No service gets another's secrets.
 * @throws Error where TOLLGATE_PROVIDERS names a file that cannot be read
 */
export function systemServices(options: SystemOptions): Record<ServiceName, ServiceOptions> {
  const { secrets, databases, ports, brokers } = options;
  const tuning = pick(options.env, (name) =>
    name.startsWith('TOLLGATE_')
      ? !OURS.has(name)
      : name.startsWith('OTEL_') ||
        ['LOG_LEVEL', 'TZ', 'NODE_OPTIONS', 'GATEWAY_WORKERS', 'KEY_STATE_MAX_AGE'].includes(name),
  );
  const service = (name: ServiceName, entry: string, own: Record<string, string>): ServiceOptions => ({
    name,
    entry: join(repository, entry),
    readyUrl: `http://127.0.0.1:${ports[name]}/readyz`,
    env: { ...tuning, HOST: options.host ?? '127.0.0.1', PORT: String(ports[name]), ...own },
  });
  const brokerAccess = pick(options.env, (name) => /^KAFKA_(SSL|SASL)/.test(name));
  const bus = {
    ...brokerAccess,
    KAFKA_BROKERS: brokers,
    TOLLGATE_EVENT_KEYS: secrets.eventKeys,
    ...(options.topicPrefix ? { TOLLGATE_TOPIC_PREFIX: options.topicPrefix } : {}),
  };
  return {
    'fake-provider': service('fake-provider', 'packages/testing/dist/fake-provider-main.js', {
      FAKE_API_KEY: FAKE_CREDENTIAL,
    }),
    metering: {
      ...service('metering', 'apps/metering/dist/main.js', {
        ...bus,
        DATABASE_URL: databases.metering,
        TOLLGATE_INTERNAL_TOKEN: secrets.internalToken,
      }),
      nodeArgs: BUSY_NODE_ARGS,
    },
    'key-admin': service('key-admin', 'apps/key-admin/dist/main.js', {
      ...bus,
      DATABASE_URL: databases.keyAdmin,
      TOLLGATE_KEY_PEPPERS: secrets.keyPeppers,
      TOLLGATE_ADMIN_KEY: secrets.adminKey,
      TOLLGATE_INTERNAL_TOKEN: secrets.internalToken,
      METERING_URL: `http://127.0.0.1:${ports.metering}`,
      TOLLGATE_GATEWAY_URL: options.env.TOLLGATE_GATEWAY_URL || `http://127.0.0.1:${ports.gateway}`,
    }),
    gateway: {
      ...service('gateway', 'apps/gateway/dist/main.js', {
        ...bus,
        TOLLGATE_KEY_PEPPERS: secrets.keyPeppers,
        TOLLGATE_METERING_URL: `http://127.0.0.1:${ports.metering}`,
        TOLLGATE_INTERNAL_TOKEN: secrets.internalToken,
        TOLLGATE_LOG_DIR: join(options.stateDir, 'gateway'),
        ...gatewayUpstream(options),
      }),
      nodeArgs: BUSY_NODE_ARGS,
    },
    'billing-export': service('billing-export', 'apps/billing-export/dist/main.js', {
      // No TOLLGATE_EVENT_KEYS: what it reads is not signed, and whoever has them can mint keys.
      ...brokerAccess,
      KAFKA_BROKERS: brokers,
      ...(options.topicPrefix ? { TOLLGATE_TOPIC_PREFIX: options.topicPrefix } : {}),
      DATABASE_URL: databases.billing,
      TOLLGATE_INTERNAL_TOKEN: secrets.internalToken,
      ...pick(options.env, (name) => name.startsWith('BILLING_') || name.startsWith('STRIPE_')),
    }),
  };
}
