import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Section, sectionText } from './report.ts';

const FILE = fileURLToPath(new URL('../RESULTS.md', import.meta.url));
const HEAD = `# Results

Written by \`npm run bench -- <what> --write\`; each command replaces its own section.
Figures are medians of the rounds of one run, in which the contestants took turns on the same machine: compare
them with each other, never with another machine's. CPU per request is steadier than requests/s where a machine
is shared. What there is to measure: [main.ts](src/main.ts), or \`npm run bench\`.
`;

const mark = (name: string) => `<!-- ${name} -->`;

/** Replaces the section of one command and leaves the others' as they are. */
export function writeResults(name: string, section: Section): string {
  const kept = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '';
  const sections = new Map<string, string>();
  for (const part of kept.split(/^(?=<!-- [a-z-]+ -->$)/m).slice(1)) {
    const found = /^<!-- ([a-z-]+) -->/.exec(part)?.[1];
    if (found) sections.set(found, part.trimEnd());
  }
  sections.set(name, `${mark(name)}\n${sectionText(section)}`);
  const ordered = [...sections].sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
  writeFileSync(FILE, `${HEAD}\n${ordered.map(([, text]) => text).join('\n\n')}\n`);
  return FILE;
}

const ORDER = ['proxy', 'allowances', 'propagation', 'key-state'];
