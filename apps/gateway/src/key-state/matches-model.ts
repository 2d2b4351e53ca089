/**
 * Whether a model's name is one of `allowed`: exact names, or patterns in which `*` is any run of characters.
 * Case counts. The time is linear in the name for each part of a pattern; a regular expression's might not be.
 */
export const matchesModel = (name: string, allowed: readonly string[]): boolean =>
  allowed.some((pattern) => (pattern.includes('*') ? matches(name, pattern.split('*')) : pattern === name));

/** The parts must follow each other, the first at the start and the last at the end. */
function matches(name: string, parts: string[]): boolean {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  const end = name.length - last.length;
  if (first.length > end || !name.startsWith(first) || !name.endsWith(last)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from);
    if (at === -1 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}
