import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { generateSecrets } from '@tollgate/dev-stack/secrets';
import { parse } from 'yaml';
import { type Container, containersOf, kustomize } from './kustomize.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tollgate-settings-'));
const secrets = generateSecrets();
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n';

/** By the setting, what is in its file. */
const FILES: Readonly<Record<string, string>> = {
  KAFKA_SSL_CA: CERTIFICATE,
  KAFKA_SASL_PASSWORD: 'password',
  DATABASE_URL: 'postgresql://role:password@127.0.0.1:1/database',
  TOLLGATE_EVENT_KEYS: secrets.eventKeys,
  TOLLGATE_KEY_PEPPERS: secrets.keyPeppers,
  TOLLGATE_INTERNAL_TOKEN: secrets.internalToken,
  TOLLGATE_ADMIN_KEY: secrets.adminKey,
  OPENAI_API_KEY: 'provider-key',
};

type Environment = Readonly<Record<string, string>>;

/** As the service gets it, but for files that lie elsewhere here. */
function withFiles(environment: Environment): Environment {
  const entries = Object.entries(environment).map(([name, value]) => {
    if (!name.endsWith('_FILE')) return [name, value];
    const setting = name.slice(0, -'_FILE'.length);
    const file = join(folder, setting);
    writeFileSync(file, FILES[setting]!);
    return [name, file];
  });
  return Object.fromEntries(entries);
}

/** What a service finds wrong with its settings. One is wrong on purpose, so that it goes no further. */
async function complaints(service: string, environment: Environment): Promise<string> {
  const child = spawn(process.execPath, [`${root}apps/${service}/dist/main.js`], {
    env: { PATH: process.env['PATH'], ...withFiles(environment), LOG_LEVEL: 'wrong on purpose' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return code === 1 ? said : `ended with ${code}: ${said}`;
}

const inKubernetes = kustomize(`${root}infra/k8s/overlays/production`);
const containers = inKubernetes.flatMap(containersOf);

/** A container's variables, with those of the config maps that it takes in. */
function environmentOf({ env, envFrom, name }: Container): Environment {
  const shared = envFrom.map(({ configMapRef }) =>
    inKubernetes.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef.name),
  );
  const own = env.map((variable) => [variable.name, variable.value ?? name] as const);
  return { ...Object.assign({}, ...shared.map((map) => map!['data'])), ...Object.fromEntries(own) };
}

const compose = parse(readFileSync(`${root}infra/docker/compose.production.yml`, 'utf8'), { merge: true });
const onContainers = ['gateway-1', 'key-admin', 'metering', 'billing-export'].map((name) => {
  const given = Object.entries<string | number>(compose.services[name].environment);
  // What compose takes from its own environment: the default, or an address where there must be one.
  const filled = given.map(([variable, value]) => [
    variable,
    `${value}`.replace(/\$\{\w+:-([^}]*)\}/g, '$1').replace(/\$\{\w+:\?[^}]*\}/g, 'broker.example.com:9093'),
  ]);
  return [name.replace(/-\d$/, ''), Object.fromEntries(filled) as Environment] as const;
});

describe.each([
  ['Kubernetes', containers.map((one) => [one.name, environmentOf(one)] as const)],
  ['the production variant on containers', onContainers],
] as const)('in %s', (_, services) => {
  let said: ReadonlyMap<string, string>;
  beforeAll(async () => {
    const asked = services.map(async ([name, given]) => [name, await complaints(name, given)] as const);
    said = new Map(await Promise.all(asked));
  }, 180_000);

  it.each(services)('%s gets every setting that it needs, and none that is wrong', (service) => {
    const [introduction, ...wrong] = said.get(service)!.trim().split('\n');
    expect(introduction).toContain('its environment is incomplete');
    expect(wrong).toEqual([expect.stringMatching(/^ {2}LOG_LEVEL: /)]);
  });
});
