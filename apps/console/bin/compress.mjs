import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** Lays `.br` and `.gz` beside what the build made, for key-admin to serve as they are. Fonts are compressed already. */
const assets = new URL('../dist/assets/', import.meta.url);
for (const name of readdirSync(assets).filter((one) => /\.(js|css|svg)$/.test(one))) {
  const bytes = readFileSync(new URL(name, assets));
  writeFileSync(new URL(`${name}.gz`, assets), gzipSync(bytes, { level: 9 }));
  writeFileSync(new URL(`${name}.br`, assets), brotliCompressSync(bytes));
}
