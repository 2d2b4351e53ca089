import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SeveralOfEach } from './several-of-each.ts';

const COMMANDS = { keys: 'key-admin', metering: 'metering', billing: 'billing-export' } as const;
const LONGEST_MS = 120_000;

/** `npm run keys -- …`, `npm run metering -- …` and `npm run billing -- …`, as an operator of the system runs them. */
export function operate<Answer>(
  system: SeveralOfEach,
  command: keyof typeof COMMANDS,
  ...args: string[]
): Promise<Answer> {
  const { databases, secrets, topicPrefix, brokers } = system;
  const entry = fileURLToPath(new URL(`../../apps/${COMMANDS[command]}/dist/operate.js`, import.meta.url));
  const urls = { keys: databases.keyAdmin, metering: databases.metering, billing: databases.billing };
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: urls[command],
    KAFKA_BROKERS: brokers,
    TOLLGATE_TOPIC_PREFIX: topicPrefix,
    TOLLGATE_EVENT_KEYS: secrets.eventKeys,
    TOLLGATE_KEY_PEPPERS: secrets.keyPeppers,
  };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [entry, ...args], { env, timeout: LONGEST_MS }, (error, out, err) => {
      if (error) reject(new Error(`${command} ${args.join(' ')} failed:\n${err}\n${out}`));
      else resolve(JSON.parse(out));
    });
  });
}
