import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Holder } from '@tollgate/domain/allowance/holder';

const NAME = 'instance';
const INCARNATION = 'incarnation';

/** The gateway that last worked in a directory, as its next process succeeds it; `null` where there was none. */
export function successorIn(directory: string): Holder | null {
  const instance = read(directory, NAME);
  return instance === null ? null : { instance, incarnation: Number(read(directory, INCARNATION) ?? 0) + 1 };
}

/**
 * The gateway that works in a directory from now on, by the given name, else the one kept there, else a new one. Its
 * incarnation grows with every start, be the clock set back meanwhile.
 */
export function beginIn(directory: string, given: string | undefined, nowMs: number): Holder {
  const successor = successorIn(directory);
  const instance = given ?? successor?.instance ?? newName();
  const incarnation = Math.max(successor?.incarnation ?? 0, nowMs);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  write(directory, INCARNATION, String(incarnation));
  write(directory, NAME, instance);
  return { instance, incarnation };
}

function newName(): string {
  const host = hostname()
    .slice(0, 40)
    .replace(/[^A-Za-z0-9._-]/g, '-');
  return `${host}-${randomBytes(4).toString('hex')}`;
}

function read(directory: string, file: string): string | null {
  const path = join(directory, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

/** On the disk at once: a number that is used twice would be refused. */
const write = (directory: string, file: string, text: string) =>
  writeFileSync(join(directory, file), text, { mode: 0o600, flush: true });
