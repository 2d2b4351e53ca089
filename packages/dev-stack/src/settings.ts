import { join } from 'node:path';
import { type ServicePorts, STANDARD_PORTS } from './services.ts';
import { StartFailure } from './start-failure.ts';

/** Everything that `npm start` reads from the environment, read once. */
export interface StartSettings {
  /** `.tollgate` in the clone: databases, topics, logs and secrets. */
  readonly stateDir: string;
  /** A server to use in place of the one from npm. */
  readonly databaseUrl: string | undefined;
  /** A broker to use in place of the one from Maven. */
  readonly kafkaBrokers: string | undefined;
  readonly ports: ServicePorts;
  readonly postgresPort: number;
  readonly kafkaPort: number;
  readonly upstream: 'fake' | 'configured';
  readonly env: NodeJS.ProcessEnv;
}

export const PORT_VARIABLES = {
  gateway: 'GATEWAY_PORT',
  'key-admin': 'KEY_ADMIN_PORT',
  metering: 'METERING_PORT',
  'billing-export': 'BILLING_PORT',
  'fake-provider': 'PROVIDER_PORT',
} as const;

const STANDARD_POSTGRES_PORT = 15_432;
const STANDARD_KAFKA_PORT = 19_092;

/** @throws StartFailure where a variable is no port */
export function readSettings(repository: string, env: NodeJS.ProcessEnv): StartSettings {
  const port = (variable: string, standard: number): number => {
    const text = env[variable];
    if (!text) return standard;
    const number = Number(text);
    if (Number.isInteger(number) && number > 0 && number < 65_535) return number;
    throw new StartFailure(`${variable}=${text} is no port: give a whole number from 1 to 65534.`);
  };
  return {
    stateDir: join(repository, '.tollgate'),
    databaseUrl: env.DATABASE_URL || undefined,
    kafkaBrokers: env.KAFKA_BROKERS || undefined,
    ports: {
      gateway: port(PORT_VARIABLES.gateway, STANDARD_PORTS.gateway),
      'key-admin': port(PORT_VARIABLES['key-admin'], STANDARD_PORTS['key-admin']),
      metering: port(PORT_VARIABLES.metering, STANDARD_PORTS.metering),
      'billing-export': port(PORT_VARIABLES['billing-export'], STANDARD_PORTS['billing-export']),
      'fake-provider': port(PORT_VARIABLES['fake-provider'], STANDARD_PORTS['fake-provider']),
    },
    postgresPort: port('TOLLGATE_POSTGRES_PORT', STANDARD_POSTGRES_PORT),
    kafkaPort: port('TOLLGATE_KAFKA_PORT', STANDARD_KAFKA_PORT),
    upstream: env.OPENAI_API_KEY || env.ANTHROPIC_API_KEY || env.TOLLGATE_PROVIDERS ? 'configured' : 'fake',
    env,
  };
}
