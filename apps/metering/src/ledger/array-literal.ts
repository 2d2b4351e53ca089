/** What needs no quotes in an array literal. */
type Plain = number | bigint | boolean | null;

/** A PostgreSQL array of numbers or booleans, as text. */
export const plainArray = (values: readonly Plain[]): string => {
  let text = '';
  for (const value of values) text += `${value === null ? 'NULL' : value},`;
  return `{${text.slice(0, -1)}}`;
};

const NEEDS_ESCAPE = /["\\]/;

/**
 * A PostgreSQL array of texts, as text. The driver writes arrays element by element with an escape for each; a column of
 * a thousand names that need none is one join, which is most of what a fold spends outside the database.
 */
export function textArray(values: readonly (string | null)[]): string {
  if (values.length === 0) return '{}';
  if (!values.includes(null) && !NEEDS_ESCAPE.test(values.join(''))) return `{"${values.join('","')}"}`;
  return `{${values.map((value) => (value === null ? 'NULL' : quoted(value))).join(',')}}`;
}

const quoted = (value: string) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
