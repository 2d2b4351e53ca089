import type { CreateKeyBody, Key, PatchKeyBody } from '@tollgate/contracts/admin-http';
import { Complaint } from '../context.ts';
import { folded, MANAGED_BY, type Manifest, type WantedKey } from './manifest.ts';

/** A key of the file with the id of its team. */
export type PlacedKey = Omit<WantedKey, 'team'> & { readonly team_id: string };

export interface FieldChange {
  /** `limits.tokens` */
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

export type Step =
  | { readonly do: 'create'; readonly name: string; readonly body: CreateKeyBody; readonly enabled: boolean }
  | {
      readonly do: 'update';
      readonly key: Key;
      readonly body: PatchKeyBody;
      readonly changes: readonly FieldChange[];
    }
  | { readonly do: 'disable'; readonly key: Key };

/**
 * What it takes for the keys to be as the file says: a key is known by its team and name. What the file does not say
 * of a key stays as it is. Keys that the file once made and no longer names are disabled where `prune` says so.
 * @param existing all keys that are not revoked
 * @throws Complaint where the file has a key twice
 */
export function plan(
  wanted: readonly PlacedKey[],
  existing: readonly Key[],
  { managedBy, prune }: { readonly managedBy: Manifest['managed_by']; readonly prune: boolean },
): Step[] {
  const known = new Map(existing.map((key) => [identity(key), key]));
  const named = new Set<string>();
  for (const one of wanted) {
    if (named.has(identity(one)))
      throw new Complaint(`The key "${one.name}" is there twice; a team has each name once.`);
    named.add(identity(one));
  }
  const steps = wanted.flatMap((one) => {
    const existing = known.get(identity(one));
    return stepFor(marked(one, existing, managedBy), existing);
  });
  if (!prune || managedBy === undefined) return steps;
  const gone = existing.filter(
    (key) => key.metadata[MANAGED_BY] === managedBy && key.enabled && !named.has(identity(key)),
  );
  return [...steps, ...gone.map((key): Step => ({ do: 'disable', key }))];
}

const identity = ({ team_id, name }: { readonly team_id: string; readonly name: string }) =>
  `${team_id}\n${folded(name)}`;

/** The mark is added to the metadata that the key has where the file does not say any. */
const marked = (key: PlacedKey, existing: Key | undefined, managedBy: string | undefined): PlacedKey =>
  managedBy === undefined
    ? key
    : { ...key, metadata: { ...(key.metadata ?? existing?.metadata), [MANAGED_BY]: managedBy } };

function stepFor({ enabled, ...body }: PlacedKey, key: Key | undefined): Step[] {
  if (!key) return [{ do: 'create', name: body.name, body, enabled }];
  const { team_id: _, ...fields } = { ...body, enabled };
  const changes = differences(fields, key, '');
  if (changes.length === 0) return [];
  return [{ do: 'update', key, body: fields, changes }];
}

/** The fields of what is wanted that are otherwise; of limits each by itself, of anything else as a whole. */
function differences(wanted: object, actual: object, prefix: string): FieldChange[] {
  return Object.entries(wanted).flatMap(([name, to]): FieldChange[] => {
    if (to === undefined) return [];
    const from = (actual as Record<string, unknown>)[name];
    if (name === 'limits') return differences(to as object, from as object, 'limits.');
    return sameJson(from, to) ? [] : [{ field: prefix + name, from, to }];
  });
}

const sameJson = (a: unknown, b: unknown) => JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b));

const inOrder = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
