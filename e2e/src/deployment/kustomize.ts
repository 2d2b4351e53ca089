import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { parse, parseAllDocuments } from 'yaml';

/** A document of Kubernetes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; namespace?: string; readonly labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a shape of its own, which its schema checks
  readonly [field: string]: any;
}

interface Kustomization {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newName?: string; readonly newTag?: string }[];
  readonly replicas?: readonly { readonly name: string; readonly count: number }[];
  readonly patches?: readonly {
    readonly target: { readonly kind: string; readonly name: string };
    readonly patch: string;
  }[];
}
const UNDERSTOOD = new Set(['apiVersion', 'kind', 'namespace', 'resources', 'images', 'replicas', 'patches']);
const CLUSTER_WIDE = new Set(['Namespace']);

/**
 * Renders what `kubectl kustomize` would, for the part of Kustomize that is used here: resources, namespace, images,
 * replicas and JSON patches. @throws Error where a kustomization has anything else, or a patch meets nothing
 */
export function kustomize(folder: string): Manifest[] {
  const given: Kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
  const beyond = Object.keys(given).filter((field) => !UNDERSTOOD.has(field));
  if (beyond.length > 0) throw new Error(`${folder}: ${beyond.join(', ')} is not understood here`);
  let manifests = (given.resources ?? []).flatMap((resource) =>
    resource.endsWith('.yaml') ? manifestsIn(join(folder, resource)) : kustomize(join(folder, resource)),
  );
  for (const { target, patch } of given.patches ?? []) {
    const isMeant = ({ kind, metadata }: Manifest) => kind === target.kind && metadata.name === target.name;
    if (!manifests.some(isMeant)) throw new Error(`${folder}: there is no ${target.kind} ${target.name}`);
    manifests = manifests.map((manifest) => (isMeant(manifest) ? patched(manifest, parse(patch)) : manifest));
  }
  for (const { name, count } of given.replicas ?? []) {
    const scaled = manifests.filter(({ metadata, spec }) => metadata.name === name && spec?.replicas);
    if (scaled.length === 0) throw new Error(`${folder}: nothing of name ${name} has replicas`);
    for (const { spec } of scaled) spec.replicas = count;
  }
  for (const { name, newName = name, newTag } of given.images ?? []) {
    const containers = manifests.flatMap(containersOf).filter(({ image }) => image.split(':')[0] === name);
    if (containers.length === 0) throw new Error(`${folder}: nobody uses the image ${name}`);
    for (const container of containers) container.image = newTag ? `${newName}:${newTag}` : newName;
  }
  if (given.namespace) {
    for (const { kind, metadata } of manifests)
      if (!CLUSTER_WIDE.has(kind)) metadata.namespace = given.namespace;
  }
  return manifests;
}

export const manifestsIn = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });

export interface Container {
  image: string;
  readonly name: string;
  readonly ports: readonly { readonly containerPort: number }[];
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

export const containersOf = ({ spec }: Manifest): Container[] => spec?.template?.spec?.containers ?? [];

/** Operations are tested: a path that is not there is an error. */
const patched = (manifest: Manifest, operations: Operation[]): Manifest =>
  jsonPatch.applyPatch(manifest, operations, true, false).newDocument;
