import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Fails the build where a page's first script is more than people on a slow line should wait for. */
const MOST_KIB = 300;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** What a chunk needs before it can run; what it loads later is not counted. */
function needed(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const next of manifest[name].imports ?? []) needed(next, found);
  return found;
}

const kib = (names) =>
  [...names].reduce(
    (sum, name) => sum + gzipSync(readFileSync(new URL(manifest[name].file, dist))).length,
    0,
  ) / 1024;

const entry = needed('index.html');
const screens = (manifest['index.html'].dynamicImports ?? []).map((name) => [
  name,
  kib(needed(name, new Set(entry))),
]);
const [heaviest, size] = screens.reduce(
  (most, one) => (one[1] > most[1] ? one : most),
  ['index.html', kib(entry)],
);
process.stdout.write(
  `first load: ${kib(entry).toFixed(0)} KiB gzip; with ${heaviest}: ${size.toFixed(0)} KiB\n`,
);
if (size > MOST_KIB) {
  process.stderr.write(
    `First load is ${size.toFixed(0)} KiB of script, more than ${MOST_KIB}: load what ${heaviest} does not need at once by import().\n`,
  );
  process.exitCode = 1;
}
