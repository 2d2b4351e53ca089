/** More tokens than any model takes or gives in one request; a larger figure is a provider's mistake. */
const MAX_TOKENS = 1_000_000_000;

/** A field of what may be an object. */
export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** A count of tokens if it makes sense as one, or `null`: a text, a fraction, negative, or absurd. */
export const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS ? value : null;

/** The part of a whole that a provider breaks out; 0 where it says nothing, or more than the whole. */
export function partOf(whole: number, value: unknown): number {
  const part = countOf(value);
  return part !== null && part <= whole ? part : 0;
}
