import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { newId } from '@tollgate/service-kit/ids';
import { newToken } from '@tollgate/service-kit/tokens';
import { StartFailure } from './start-failure.ts';

/** What the services of a deployment share and nobody else may know. */
export interface Secrets {
  /** `1:<hex>`, as TOLLGATE_KEY_PEPPERS wants it. */
  readonly keyPeppers: string;
  /** `1:<hex>`, as TOLLGATE_EVENT_KEYS wants it. */
  readonly eventKeys: string;
  readonly internalToken: string;
  /** `tga_…`, the first owner. */
  readonly adminKey: string;
  readonly keyAdminPassword: string;
  readonly meteringPassword: string;
  readonly billingPassword: string;
}

const random = () => randomBytes(32).toString('hex');

export const generateSecrets = (): Secrets => ({
  keyPeppers: `1:${random()}`,
  eventKeys: `1:${random()}`,
  internalToken: random(),
  adminKey: newToken('tga', newId('adm')).token,
  keyAdminPassword: random(),
  meteringPassword: random(),
  billingPassword: random(),
});

/**
 * The secrets of this clone: generated once into a file that only its owner can read, since keys made under one
 * pepper are worthless under the next. Variables of the environment win over the file.
 * @throws StartFailure where the file is there but not whole
 */
export function loadSecrets(file: string, env: NodeJS.ProcessEnv): Secrets {
  if (!existsSync(file)) write(file, generateSecrets());
  chmodSync(file, 0o600);
  const kept = parse(file);
  return {
    keyPeppers: env.TOLLGATE_KEY_PEPPERS || kept.keyPeppers,
    eventKeys: env.TOLLGATE_EVENT_KEYS || kept.eventKeys,
    internalToken: env.TOLLGATE_INTERNAL_TOKEN || kept.internalToken,
    adminKey: env.TOLLGATE_ADMIN_KEY || kept.adminKey,
    keyAdminPassword: kept.keyAdminPassword,
    meteringPassword: kept.meteringPassword,
    billingPassword: kept.billingPassword,
  };
}

function write(file: string, secrets: Secrets): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Of services that came after the file was made; they are set anew at every start, so that nothing hangs on them. */
const LATER = ['billingPassword'] as const satisfies (keyof Secrets)[];

function parse(file: string): Secrets {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    const generated = generateSecrets();
    const missing = LATER.filter((name) => kept[name] === undefined);
    for (const name of missing) kept[name] = generated[name];
    const names = Object.keys(generated).filter((name) => typeof kept[name] !== 'string');
    if (names.length > 0) throw new Error(`it has no ${names.join(', ')}`);
    if (missing.length > 0) write(file, kept);
    return kept;
  } catch (error) {
    throw new StartFailure(
      `${file} cannot be read (${(error as Error).message}): put it back, or delete it to have new secrets made, ` +
        'after which the keys made so far are refused.',
    );
  }
}
