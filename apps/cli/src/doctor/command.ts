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
      // Asked together, told in their order.
      const findings = Object.entries(checks(process.env)).map(
        ([name, check]) => [name, findingOf(check, name)] as const,
      );
      for (const [name, finding] of findings) {
        const { ok, says } = await finding;
        process.stdout.write(`${ok ? '✓' : '✗'} ${name}: ${says}\n`);
        isWell &&= ok;
      }
      // A broker that is away is still being tried; nobody waits for that.
      process.exit(isWell ? 0 : 1);
    });

function checks(env: NodeJS.ProcessEnv): Record<string, Check> {
  const { url, client } = connect(env);
  const gateway = env['TOLLGATE_GATEWAY_URL'] ?? 'http://127.0.0.1:4000';
  const metering = env['METERING_URL'] ?? 'http://127.0.0.1:4002';
  const { BILLING_URL, DATABASE_URL, KAFKA_BROKERS, TOLLGATE_TOPIC_PREFIX = 'tollgate' } = env;
  return {
    ...(DATABASE_URL && { database: database(DATABASE_URL) }),
    ...(KAFKA_BROKERS && { broker: broker(env, TOLLGATE_TOPIC_PREFIX) }),
    'key-admin': service(url, 'TOLLGATE_URL'),
    'admin key': adminKey(client),
    clock: clock(url),
    metering: service(metering, 'METERING_URL'),
    lag: lag(metering),
    gateway: service(gateway, 'TOLLGATE_GATEWAY_URL'),
    ...(BILLING_URL && { 'billing-export': service(BILLING_URL, 'BILLING_URL') }),
    gateways: gateways(client),
    meters: meters(client),
  };
}

async function findingOf(check: Check, name: string): Promise<Finding> {
  try {
    return await Promise.race([check(), tooLong(name)]);
  } catch (error) {
    return { ok: false, says: (error as Error).message };
  }
}

const ADDRESSES: Readonly<Record<string, string>> = { broker: 'KAFKA_BROKERS', database: 'DATABASE_URL' };

/** Longer than any check waits for an answer by itself, but for the broker's client, which tries for half a minute. */
const PATIENCE_MS = 6_000;

const tooLong = (name: string) =>
  new Promise<Finding>((resolve) => {
    const says = `does not answer within ${PATIENCE_MS / 1_000} s: see that it runs, and that ${ADDRESSES[name] ?? 'its address'} is right`;
    setTimeout(() => resolve({ ok: false, says }), PATIENCE_MS).unref();
  });
