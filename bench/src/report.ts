/** A section of the results: what was measured, under which conditions, and how it compares to its targets. */
export interface Section {
  readonly title: string;
  /** Conditions and remarks, a sentence each. */
  readonly notes: readonly string[];
  readonly tables: readonly Table[];
  readonly verdicts: readonly Verdict[];
}
export interface Table {
  readonly caption: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
/** A figure against its target. */
export interface Verdict {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  readonly least: number;
  readonly stretch: number;
  /** Which direction is better. */
  readonly better: 'higher' | 'lower';
}

export function shown(value: number, digits = 0): string {
  if (!Number.isFinite(value)) return '—';
  const [whole = '', fraction] = value.toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ' ');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Enough digits to tell two figures apart. */
export const shownFigure = (value: number) =>
  shown(value, Math.abs(value) >= 1_000 ? 0 : Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function tableText({ caption, header, rows }: Table): string {
  const widths = header.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]!.length)),
  );
  const padded = (row: readonly string[]) =>
    line(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))));
  const rule = line(widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return [`**${caption}**`, '', padded(header), rule, ...rows.map(padded)].join('\n');
}

export function judgement({
  measured,
  least,
  stretch,
  better,
}: Verdict): 'missed' | 'reached' | 'stretch reached' {
  const reaches = (target: number) => (better === 'higher' ? measured >= target : measured <= target);
  if (reaches(stretch)) return 'stretch reached';
  return reaches(least) ? 'reached' : 'missed';
}

function verdictTable(verdicts: readonly Verdict[]): Table {
  const sign = (better: Verdict['better']) => (better === 'higher' ? '≥' : '≤');
  return {
    caption: 'Against the targets',
    header: ['figure', 'measured', 'target', 'stretch', ''],
    rows: verdicts.map((verdict) => {
      const { what, measured, unit, least, stretch, better } = verdict;
      const target = (value: number) => `${sign(better)} ${shownFigure(value)}${unit}`;
      const mark = Number.isFinite(measured) ? judgement(verdict) : 'not measured';
      return [
        what,
        `${shownFigure(measured)}${unit}`,
        target(least),
        target(stretch),
        mark === 'missed' ? '**missed**' : mark,
      ];
    }),
  };
}

/** As Markdown, which reads well on a terminal too. */
export function sectionText({ title, notes, tables, verdicts }: Section): string {
  const all = verdicts.length > 0 ? [verdictTable(verdicts), ...tables] : tables;
  return [`## ${title}`, notes.map((note) => `- ${note}`).join('\n'), ...all.map(tableText)].join('\n\n');
}
