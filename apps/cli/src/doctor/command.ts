import { Command } from 'commander';
import { connect } from '../context.ts';
import {
  adminKey,
  broker,
  type Check,
  clock,
  database,
  type Finding,
  gateways,
  lag,
  meters,
  service,
} from './checks.ts';

/** `tollgate doctor`: says what is well, what is not and what to do about it; exit code 1 where something is not. */
export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('look at the whole system and say what is wrong and what to do')
    .action(async () => {
      let isWell = true;
      for (const [name, check] of Object.entries(checks(process.env))) {
        const { ok, says } = await findingOf(check);
        process.stdout.write(`${ok ? '✓' : '✗'} ${name}: ${says}\n`);
        isWell &&= ok;
      }
      if (!isWell) process.exitCode = 1;
    });

function checks(env: NodeJS.ProcessEnv): Record<string, Check> {
  const { url, client } = connect(env);
  const gateway = env['TOLLGATE_GATEWAY_URL'] ?? 'http://127.0.0.1:4000';
  const metering = env['METERING_URL'] ?? 'http://127.0.0.1:4002';
  const { DATABASE_URL, KAFKA_BROKERS, TOLLGATE_TOPIC_PREFIX = 'tollgate' } = env;
  return {
    ...(DATABASE_URL && { database: database(DATABASE_URL) }),
    ...(KAFKA_BROKERS && { broker: broker(KAFKA_BROKERS, TOLLGATE_TOPIC_PREFIX) }),
    'key-admin': service(url, 'TOLLGATE_URL'),
    'admin key': adminKey(client),
    clock: clock(url),
    metering: service(metering, 'METERING_URL'),
    lag: lag(metering),
    gateway: service(gateway, 'TOLLGATE_GATEWAY_URL'),
    gateways: gateways(client),
    meters: meters(client),
  };
}

async function findingOf(check: Check): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    return { ok: false, says: (error as Error).message };
  }
}
