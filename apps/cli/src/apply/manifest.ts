import { createKeyBody } from '@tollgate/contracts/admin-http';
import { parse } from 'yaml';
import { z } from 'zod';
import { Complaint } from '../context.ts';

/** The entry of a key's metadata that says which file it is of. */
export const MANAGED_BY = 'managed_by';

const wantedKey = createKeyBody.omit({ team_id: true }).extend({
  /** A team's name or id; the team that a deployment starts with where it is absent. */
  team: z.string().min(1).max(128).optional(),
  enabled: z.boolean().default(true),
});
export type WantedKey = z.output<typeof wantedKey>;

const manifest = z.strictObject({
  /** Marks the keys that the file makes, so that `--prune` knows those that it no longer names. */
  [MANAGED_BY]: z.string().min(1).max(512).optional(),
  keys: z.array(wantedKey).max(10_000),
});
export type Manifest = z.output<typeof manifest>;

/** Reads a file of keys, in YAML or JSON. @throws Complaint naming the field that is wrong */
export function readManifest(text: string): Manifest {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new Complaint(`The file is not YAML: ${(error as Error).message}`);
  }
  const result = manifest.safeParse(content);
  if (!result.success) {
    const [issue] = result.error.issues;
    const unknown = issue!.code === 'unrecognized_keys' ? issue!.keys[0] : undefined;
    const field = [...issue!.path, ...(unknown === undefined ? [] : [unknown])].join('.');
    throw new Complaint(
      unknown === undefined
        ? `${field || 'The file'}: ${issue!.message}`
        : `There is no field "${field}"; check its spelling or remove it.`,
    );
  }
  return result.data;
}

/** Names are the same whatever their case, as the API has it. */
export const folded = (name: string): string => name.normalize('NFC').toLowerCase();
