import type { Propagation } from '@tollgate/contracts/admin-http';

/** Prints for people, or for machines where `--json` says so. */
export function print(value: object, json: boolean, forPeople: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${forPeople()}\n`);
  if ('propagation' in value) warnIfPending(value.propagation as Propagation);
}

/** A change that is made and does not hold everywhere yet is no failure, and whoever revoked a key must know. */
function warnIfPending({ complete, gateways, acknowledged }: Propagation): void {
  if (complete) return;
  process.stderr.write(
    `It is done, and does not hold everywhere yet: ${acknowledged} of the ${gateways} gateways that are heard of ` +
      'acknowledged it within a second. "tollgate doctor" says what is wrong.\n',
  );
}

/** Columns of text, each as wide as its widest cell. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const lines = [head, ...rows].map((cells) => cells.map((cell) => oneLine(cell)));
  const widths = head.map((_, column) =>
    Math.max(...lines.map((cells) => [...(cells[column] ?? '')].length)),
  );
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Names come from whoever made them: what would move a terminal's cursor is left out. */
const oneLine = (cell: string | number | null | undefined) =>
  cell === null || cell === undefined ? '–' : String(cell).replace(/\p{Cc}/gu, ' ');
