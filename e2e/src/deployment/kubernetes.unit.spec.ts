import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Container, containersOf, kustomize, type Manifest, manifestsIn } from './kustomize.ts';
import { schemaProblems } from './schema.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = (name: string) => `${root}infra/k8s/${name}`;
const example = manifestsIn(folder('secrets.example.yaml'));

it('tells a document that its schema does not allow, also one with a field that it does not know', () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'a' },
    spec: { ports: [{ port: 80 }] },
  };
  expect(schemaProblems(service)).toEqual([]);
  expect(schemaProblems({ ...service, spec: { ports: [{ port: 'x' }] } })).not.toEqual([]);
  expect(schemaProblems({ ...service, spec: { portz: [] } })).toEqual(['the schema knows no /spec/portz']);
  expect(schemaProblems({ ...service, kind: 'Servize' })).toEqual(['there is no Servize in v1']);
});

describe.each(['production', 'small'])('the overlay %s', (name) => {
  const manifests = kustomize(folder(`overlays/${name}`));
  const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
  const workloads = manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  const each = workloads.map((workload) => [workload.metadata.name, workload] as const);
  const labelsOf = (workload: Manifest): Record<string, string> => workload['spec'].template.metadata.labels;
  const selects = (selector: Record<string, string>, workload: Manifest) =>
    Object.entries(selector).every(([label, value]) => labelsOf(workload)[label] === value);

  it('is what the schemas of Kubernetes allow', () => {
    expect(
      manifests.flatMap((manifest) =>
        schemaProblems(manifest).map((problem) => `${manifest.kind} ${manifest.metadata.name}: ${problem}`),
      ),
    ).toEqual([]);
  });

  it('names nothing twice', () => {
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('runs the four services, gateways with a log that outlives them', () => {
    expect(each.map(([workload]) => workload).sort()).toEqual([
      'billing-export',
      'gateway',
      'key-admin',
      'metering',
    ]);
    const gateway = workloads.find(({ metadata }) => metadata.name === 'gateway')!;
    expect(gateway.kind).toBe('StatefulSet');
    const [log] = gateway['spec'].volumeClaimTemplates;
    const mount = { name: log.metadata.name, mountPath: '/var/lib/tollgate' };
    const [container] = gateway['spec'].template.spec.containers;
    expect(container.volumeMounts).toContainEqual(mount);
    expect(container.env).toContainEqual({ name: 'TOLLGATE_LOG_DIR', value: mount.mountPath });
  });

  it.each(each)('%s is probed, bounded, unprivileged and may be disrupted one at a time', (_, workload) => {
    const { spec } = workload['spec'].template;
    const [container] = spec.containers;
    expect(container.readinessProbe.httpGet.path).toBe('/readyz');
    expect(container.livenessProbe.httpGet.path).toBe('/healthz');
    expect(container.startupProbe).toBeDefined();
    expect(container.resources).toMatchObject({
      requests: { cpu: expect.anything(), memory: expect.anything() },
      limits: { memory: expect.anything() },
    });
    expect(container.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(spec.securityContext.runAsNonRoot).toBe(true);
    // A service ends itself by its own deadline of 25 s.
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(25);
    const budgets = ofKind('PodDisruptionBudget').filter((budget) =>
      selects(budget['spec'].selector.matchLabels, workload),
    );
    expect(budgets).toHaveLength(1);
    expect(selects(workload['spec'].selector.matchLabels, workload)).toBe(true);
  });

  it.each(each)('%s gets its secrets as files, each of which the example names', (service, workload) => {
    const [container] = containersOf(workload) as [Container];
    const { volumes } = workload['spec'].template.spec;
    const { secretName } = volumes.find((volume: { name: string }) => volume.name === 'secrets').secret;
    expect(secretName).toBe(`tollgate-${service}`);
    const secret = example.find(({ metadata }) => metadata.name === secretName)!;
    const files = container.env.filter(({ name: variable }) => variable.endsWith('_FILE'));
    const keys = files.map(({ name: variable, value }) => {
      const key = variable.slice(0, -'_FILE'.length);
      expect(value).toBe(`/run/secrets/tollgate/${key}`);
      return key;
    });
    expect(keys.sort()).toEqual(Object.keys(secret['stringData']).sort());
    const others = container.env.filter(({ name: variable }) => /PASSWORD|PEPPER|TOKEN|_KEY/.test(variable));
    expect(others.filter((variable) => !files.includes(variable))).toEqual([]);
  });

  it.each(each)('%s is given only settings that it reads', (service, workload) => {
    const [container] = containersOf(workload) as [Container];
    const shared = container.envFrom.flatMap(({ configMapRef }) => {
      const map = ofKind('ConfigMap').find(({ metadata }) => metadata.name === configMapRef.name)!;
      return Object.keys(map['data']);
    });
    const given = [...container.env.map(({ name: variable }) => variable.replace(/_FILE$/, '')), ...shared];
    // NODE_OPTIONS are Node's, and providers name their own credentials.
    const sources = [`apps/${service}/src`, 'packages/service-kit/src', 'infra/providers.json'];
    const own = given.filter((variable) => variable !== 'NODE_OPTIONS');
    const found = execFileSync('grep', ['-rhowE', own.join('|'), ...sources], {
      cwd: root,
      encoding: 'utf8',
    });
    const read = new Set(found.split('\n'));
    expect(own.filter((variable) => !read.has(variable))).toEqual([]);
  });

  it('has a service, an account and a network policy for each, on the ports that they listen on', () => {
    for (const [service, workload] of each) {
      const [container] = containersOf(workload) as [Container];
      const port = container.ports[0]!.containerPort;
      expect(container.env).toContainEqual({ name: 'PORT', value: String(port) });
      const services = ofKind('Service').filter((one) => selects(one['spec'].selector, workload));
      expect(services.map((one) => one['spec'].ports[0].port)).toContain(port);
      expect(ofKind('ServiceAccount').map(({ metadata }) => metadata.name)).toContain(service);
      const own = ofKind('NetworkPolicy').find(({ metadata }) => metadata.name === service)!;
      expect(selects(own['spec'].podSelector.matchLabels, workload)).toBe(true);
      for (const { ports } of own['spec'].ingress) expect(ports).toEqual([{ port }]);
    }
    const nobody = ofKind('NetworkPolicy').find(({ metadata }) => metadata.name === 'default-deny')!;
    expect(nobody['spec']).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it('scales what there is, between bounds that its other parts allow', () => {
    for (const scaler of ofKind('HorizontalPodAutoscaler')) {
      const { scaleTargetRef, minReplicas, maxReplicas } = scaler['spec'];
      const target = workloads.find(
        ({ kind, metadata }) => kind === scaleTargetRef.kind && metadata.name === scaleTargetRef.name,
      );
      expect(target).toBeDefined();
      expect(minReplicas).toBeLessThanOrEqual(maxReplicas);
    }
  });

  it('scales by metrics that the adapter gives', () => {
    const [adapter] = manifestsIn(folder('prometheus-adapter.yml'));
    const given = {
      Pods: adapter!['rules'].map(({ name }: { name: { as: string } }) => name.as),
      External: adapter!['externalRules'].map(({ name }: { name: { as: string } }) => name.as),
    };
    const asked = ofKind('HorizontalPodAutoscaler').flatMap((scaler) => scaler['spec'].metrics);
    for (const { type, pods, external } of asked) {
      if (type === 'Pods') expect(given.Pods).toContain(pods.metric.name);
      if (type === 'External') expect(given.External).toContain(external.metric.name);
    }
  });

  it('leads from the ingress to services that there are', () => {
    for (const ingress of ofKind('Ingress')) {
      for (const { http } of ingress['spec'].rules) {
        for (const { backend } of http.paths)
          expect(ofKind('Service').map(({ metadata }) => metadata.name)).toContain(backend.service.name);
      }
    }
  });
});
