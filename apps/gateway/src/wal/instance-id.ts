import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

const FILE = 'instance';

/** The name of the gateway that works in a directory: the given one, else the one kept there, else a new one. */
export function instanceIn(directory: string, given: string | undefined): string {
  const path = join(directory, FILE);
  if (given === undefined && existsSync(path)) return readFileSync(path, 'utf8').trim();
  const host = hostname()
    .slice(0, 40)
    .replace(/[^A-Za-z0-9._-]/g, '-');
  const instance = given ?? `${host}-${randomBytes(4).toString('hex')}`;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(path, instance, { mode: 0o600 });
  return instance;
}
