/** Prints for people, or for machines where `--json` says so. */
export function print(value: unknown, json: boolean, forPeople: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${forPeople()}\n`);
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
