import { readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import type { Table } from './report.ts';
import { shown } from './report.ts';

const MOST_ROWS = 45;
/** Above these there is nothing but the event loop. */
const ROOTS = new Set(['(root)', '(idle)', '(program)']);

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

/** The functions that a profile says took most, in µs per request. */
export function profileTable(caption: string, file: string, requests: number): Table {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile;
  const rows = [...costs(profile)]
    .filter(([name]) => !ROOTS.has(name))
    .sort(([, a], [, b]) => b.totalUs - a.totalUs)
    .slice(0, MOST_ROWS)
    .map(([name, { selfUs, totalUs }]) => [name, shown(selfUs / requests, 1), shown(totalUs / requests, 1)]);
  return { caption, header: ['function', 'self µs/request', 'with callees'], rows };
}
