#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Operates on the keys of `npm start`, unless DATABASE_URL and the other variables name another system. */
const started = fileURLToPath(new URL('../../../.tollgate/keys.env', import.meta.url));
const command = new URL('../../../apps/key-admin/dist/operate.js', import.meta.url);
if (!existsSync(command)) {
  process.stderr.write('Nothing is built yet: `npm ci && npm start` builds and starts the system.\n');
  process.exit(1);
}
// What is set already is not replaced.
if (existsSync(started)) process.loadEnvFile(started);
await import(command.href);
