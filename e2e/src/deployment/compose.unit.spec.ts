import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const schemas = join(dirname(createRequire(import.meta.url).resolve('dclint/package.json')), 'schemas');
const { $schema: _, ...schema } = JSON.parse(readFileSync(join(schemas, 'compose.schema.json'), 'utf8'));
const isCompose = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

interface Service {
  readonly image?: string;
  readonly build?: { readonly args: { readonly WORKSPACE: string } };
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly healthcheck?: object;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly resources: { readonly limits: object } };
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}
const read = (file: string): Compose => parse(readFileSync(join(root, file), 'utf8'), { merge: true });

/** The folder of the app that a service runs; `null` for what is not ours. */
function appOf(name: string, { image, build }: Service): string | null {
  if (build) return build.args.WORKSPACE;
  const [, app] = /\/(gateway|key-admin|metering|billing-export):/.exec(image ?? '') ?? [];
  return app ? `apps/${app}` : name === 'fake-provider' ? 'packages/testing' : null;
}

describe.each(['docker-compose.yml', 'infra/docker/compose.production.yml'])('%s', (file) => {
  const compose = read(file);
  const services = Object.entries(compose.services);

  it('is what the specification of compose files allows', () => {
    isCompose(compose);
    expect(isCompose.errors ?? []).toEqual([]);
  });

  it.each(services)('%s has a health check and bounds, and refers to what is there', (_, service) => {
    expect(service.healthcheck).toBeDefined();
    expect(service.deploy?.resources.limits).toMatchObject({
      cpus: expect.any(String),
      memory: expect.any(String),
    });
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(compose.services[other]?.healthcheck).toBeDefined();
      expect(condition).toBe('service_healthy');
    }
    for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets!)).toContain(secret);
    for (const network of service.networks ?? []) expect(Object.keys(compose.networks!)).toContain(network);
    for (const volume of service.volumes ?? []) {
      const [source] = volume.split(':');
      if (!source!.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(source);
      else execFileSync('test', ['-e', join(root, dirname(file), source!)]);
    }
  });

  it.each(services.filter(([name, service]) => appOf(name, service)))(
    '%s is given only settings that it reads, and each secret that it names',
    (name, service) => {
      const names = Object.keys(service.environment ?? {}).filter((variable) => variable !== 'NODE_OPTIONS');
      const plain = names.map((variable) => variable.replace(/_FILE$/, ''));
      const sources = [`${appOf(name, service)}/src`, 'packages/service-kit/src', 'infra/providers.json'];
      const found = execFileSync('grep', ['-rhowE', plain.join('|'), ...sources], {
        cwd: root,
        encoding: 'utf8',
      });
      const known = new Set(found.split('\n'));
      expect(plain.filter((variable) => !known.has(variable))).toEqual([]);
      for (const variable of names.filter((one) => one.endsWith('_FILE'))) {
        const [, secret] = /^\/run\/secrets\/(\w+)$/.exec(service.environment![variable]!) ?? [];
        expect(service.secrets).toContain(secret);
      }
    },
  );
});

describe('the production variant', () => {
  const { services, secrets } = read('infra/docker/compose.production.yml');
  const gateways = Object.entries(services).filter(([name]) => name.startsWith('gateway-'));

  it('runs three gateways, each an instance with a log of its own', () => {
    expect(gateways).toHaveLength(3);
    expect(new Set(gateways.map(([, { environment }]) => environment!['TOLLGATE_INSTANCE'])).size).toBe(3);
    expect(new Set(gateways.map(([, { volumes }]) => volumes![0])).size).toBe(3);
  });

  it('has a balancer that asks each of them whether it may serve', () => {
    const haproxy = readFileSync(join(root, 'infra/docker/haproxy.cfg'), 'utf8');
    expect(haproxy).toContain('uri /readyz');
    const servers = [...haproxy.matchAll(/^ {4}server (\S+) (\S+)$/gm)].map(([, , address]) => address);
    expect(servers).toEqual(gateways.map(([name]) => `${name}:4000`));
  });

  it('keeps every secret in a file, and reaches Kafka over TLS and by name', () => {
    const used = Object.values(services).flatMap((service) => service.secrets ?? []);
    expect([...new Set(used)].sort()).toEqual(Object.keys(secrets!).sort());
    for (const [name, service] of Object.entries(services)) {
      if (!appOf(name, service)) continue;
      const environment = service.environment!;
      const open = Object.keys(environment).filter(
        (one) => /PASSWORD|PEPPER|TOKEN|_KEYS?$|DATABASE_URL/.test(one) && !one.endsWith('_FILE'),
      );
      expect(open).toEqual([]);
      expect(environment).toMatchObject({
        KAFKA_SSL: 'true',
        KAFKA_SSL_CA_FILE: '/run/secrets/kafka_ca',
        KAFKA_SASL_MECHANISM: 'scram-sha-512',
        KAFKA_SASL_USERNAME: `tollgate-${appOf(name, service)!.slice('apps/'.length)}`,
        KAFKA_SASL_PASSWORD_FILE: expect.stringMatching(/^\/run\/secrets\/kafka_\w+_password$/),
      });
    }
  });

  it('is given its own secrets by a command, which says which others are missing', () => {
    const command = readFileSync(join(root, 'packages/dev-stack/bin/production-secrets.mjs'), 'utf8');
    const named = [...command.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name!);
    expect(named.sort()).toEqual(Object.keys(secrets!).sort());
  });
});
