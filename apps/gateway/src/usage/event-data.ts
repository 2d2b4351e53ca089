/** The first key of an event's JSON when that is its type, as both providers write it. */
const LEADING_TYPE = /^(?:event:[^\n]*\n)?data: ?\{ ?"type": ?"([\w.]+)"/;

/** The data of an event: its lines, joined as the format says. */
export function dataOf(event: string): string {
  return event
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(line[5] === ' ' ? 6 : 5))
    .join('\n');
}

/** The object in the data of an event that is given as Latin-1, or `null`. */
export function objectIn(event: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(dataOf(event), 'latin1').toString());
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

/** The type that an event's JSON begins with, without parsing it; `null` where it does not begin so. */
export const leadingType = (event: string): string | null => LEADING_TYPE.exec(event)?.[1] ?? null;
