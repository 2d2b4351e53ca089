#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Verifies the audit log of `npm start`, unless DATABASE_URL and TOLLGATE_EVENT_KEYS name another one. */
const started = fileURLToPath(new URL('../../../.tollgate/audit.env', import.meta.url));
const command = new URL('../../../apps/key-admin/dist/operate.js', import.meta.url);
if (!existsSync(command)) {
  process.stderr.write('Nothing is built yet: `npm ci && npm start` builds and starts the system.\n');
  process.exit(1);
}
// What is set already is not replaced.
if (existsSync(started)) process.loadEnvFile(started);
await import(command.href);
