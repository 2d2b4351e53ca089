#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Talks to what `npm start` runs, unless TOLLGATE_URL and TOLLGATE_ADMIN_KEY name another one. */
const started = fileURLToPath(new URL('../../../.tollgate/cli.env', import.meta.url));
const command = new URL('../dist/main.js', import.meta.url);
if (!existsSync(command)) {
  process.stderr.write('Nothing is built yet: `npm ci && npm start` builds and starts the system.\n');
  process.exit(1);
}
// What is set already is not replaced.
if (existsSync(started)) process.loadEnvFile(started);
await import(command.href);
