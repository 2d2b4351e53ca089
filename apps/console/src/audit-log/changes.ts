export interface Change {
  /** `limits.cost_usd` */
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every field by its path, as text. */
function flat(fields: Fields | null, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (isFields(value)) for (const [path, text] of flat(value, `${prefix}${name}.`)) found.set(path, text);
    else found.set(`${prefix}${name}`, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return found;
}

/** What differs between what was and what became, field by field; `null` is a field that was not there. */
export function changesOf(before: Fields | null, after: Fields | null): Change[] {
  const [was, is] = [flat(before), flat(after)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((field) => ({ field, before: was.get(field) ?? null, after: is.get(field) ?? null }))
    .filter((change) => change.before !== change.after);
}
