export interface Change {
  /** `limits.cost_usd` */
  readonly field: string;
  /** `undefined` is a field that was not there. */
  readonly before: unknown;
  readonly after: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** What keeps the service's own count, and tells people nothing. */
const INNER = new Set(['limit_revision']);

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every field by its path; a list is one value. */
function flat(fields: Fields | null, prefix = ''): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (INNER.has(name)) continue;
    if (!isFields(value)) found.set(`${prefix}${name}`, value);
    else for (const [path, inner] of flat(value, `${prefix}${name}.`)) found.set(path, inner);
  }
  return found;
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** What differs between what was and what became, field by field. Of what is new, fields that hold nothing are left out. */
export function changesOf(before: Fields | null, after: Fields | null): Change[] {
  const [was, is] = [flat(before), flat(after)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((field) => ({ field, before: was.get(field), after: is.get(field) }))
    .filter((change) => !isSame(change.before, change.after))
    .filter((change) => before !== null || change.after !== null);
}
