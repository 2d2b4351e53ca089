import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import type { Manifest } from './kustomize.ts';

type Kind = new (data: object) => { validate(): void };

const KINDS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  v1: core,
  'apps/v1': apps,
  'autoscaling/v2': autoscaling,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
};

/** What the schema of its kind says against a document: wrong values, missing fields, and fields that it does not know. */
export function schemaProblems({ apiVersion, kind, ...fields }: Manifest): string[] {
  const Model = KINDS[apiVersion]?.[kind] as Kind | undefined;
  if (!Model) return [`there is no ${kind} in ${apiVersion}`];
  const unread = new Set<string>();
  const watched = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, watch(value, `/${name}`, unread)]),
  );
  try {
    // Given to the constructor it would be copied.
    Object.assign(new Model({}), watched).validate();
  } catch (error) {
    return [(error as Error).message];
  }
  return [...unread].map((path) => `the schema knows no ${path}`);
}

/** Kubernetes' schemas let unknown fields pass, which it drops: what a validator never looks at is none it knows. */
function watch(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const watched = new Map<string, unknown>();
  for (const name of Object.keys(value)) unread.add(`${path}/${name}`);
  return new Proxy(value, {
    get(target, name, receiver) {
      const field = Reflect.get(target, name, receiver);
      if (typeof name !== 'string' || !Object.hasOwn(target, name)) return field;
      unread.delete(`${path}/${name}`);
      if (!watched.has(name)) watched.set(name, watch(field, `${path}/${name}`, unread));
      return watched.get(name);
    },
  });
}
