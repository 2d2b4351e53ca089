import type { Span } from './json-fields.ts';

/** A value to put in place of the one at `at`, or a new field where `at` is `null`. */
export interface Edit {
  readonly name: string;
  readonly at: Span | null;
  /** JSON text. */
  readonly value: string;
}

/** The body with values replaced and fields added; all other bytes stay the client's. It is a non-empty object. */
export function splice(body: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return body;
  const added = edits
    .filter(({ at }) => at === null)
    .map(({ name, value }) => `${JSON.stringify(name)}:${value},`);
  const replaced = edits
    .filter((edit): edit is Edit & { at: Span } => edit.at !== null)
    .sort((a, b) => a.at.start - b.at.start);
  const parts: Buffer[] = [];
  let from = 0;
  if (added.length > 0) {
    from = body.indexOf('{') + 1;
    parts.push(body.subarray(0, from), Buffer.from(added.join('')));
  }
  for (const { at, value } of replaced) {
    parts.push(body.subarray(from, at.start), Buffer.from(value));
    from = at.end;
  }
  parts.push(body.subarray(from));
  return Buffer.concat(parts);
}
