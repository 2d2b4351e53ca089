import { mkdirSync, readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Table } from './report.ts';
import { shown } from './report.ts';

const MOST_ROWS = 30;
const IDLE = new Set(['(idle)']);

interface Cost {
  selfUs: number;
  /** With everything it called. */
  totalUs: number;
}

const place = ({ functionName, url, lineNumber }: Profiler.ProfileNode['callFrame']) => {
  const file = url
    .replace(/^file:\/\//, '')
    .replace(/^.*\/node_modules\//, '')
    .replace(/^.*\/(?=(apps|packages|bench)\/[^/]+\/(dist|src)\/)/, '');
  return url ? `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}` : functionName;
};

/** Time in each function of a `.cpuprofile`, by function and place. */
function costs({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<string, Cost> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const found = new Map<string, Cost>();
  const costOf = (name: string) => {
    const cost = found.get(name) ?? { selfUs: 0, totalUs: 0 };
    found.set(name, cost);
    return cost;
  };
  for (const [index, id] of samples.entries()) {
    const us = timeDeltas[index + 1] ?? 0;
    const seen = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const name = place(byId.get(at)!.callFrame);
      if (at === id) costOf(name).selfUs += us;
      // A function that calls itself is counted once.
      if (!seen.has(name)) costOf(name).totalUs += us;
      seen.add(name);
    }
  }
  return found;
}

/** Where the profile of a stretch of load is kept: `bench/profiles/<name>.cpuprofile`. */
export function profileFile(name: string): string {
  const folder = fileURLToPath(new URL('../profiles/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name.replaceAll(/[^\w]+/g, '-')}.cpuprofile`);
}

const isOurs = (name: string) => / (apps|packages|bench)\//.test(name);

/**
 * Where a profile says the time went, in µs per request. The profiler counts time in which the process waited for
 * its core, too: figures are scaled so that all of them add up to the CPU time it really had.
 */
export function profileTables(who: string, file: string, requests: number, cpuUs: number): Table[] {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile;
  const found = [...costs(profile)].filter(([name]) => !IDLE.has(name));
  const scale = cpuUs / found.reduce((sum, [, { selfUs }]) => sum + selfUs, 0) / requests;
  const table = (caption: string, by: keyof Cost, wanted: (name: string) => boolean): Table => ({
    caption: `${who}: ${caption}`,
    header: ['µs/request', 'self', 'with callees'],
    rows: found
      .filter(([name]) => wanted(name))
      .sort(([, a], [, b]) => b[by] - a[by])
      .slice(0, MOST_ROWS)
      .map(([name, { selfUs, totalUs }]) => [name, shown(selfUs * scale, 1), shown(totalUs * scale, 1)]),
  });
  return [
    table('own functions, with what they call', 'totalUs', isOurs),
    table('all functions, by themselves', 'selfUs', (name) => name !== '(root)'),
  ];
}
