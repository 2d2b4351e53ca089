import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another process works in the directory. */
export class DirectoryLocked extends Error {}

const LOCK = 'lock';

/**
 * Takes a directory for this process alone. The lock names its owner by pid and start, so that one left behind by a
 * killed process is seen through at once, even where its pid lives again.
 * @throws DirectoryLocked
 */
export function lockDirectory(directory: string): { release(): void } {
  const lock = join(directory, LOCK);
  const own = join(directory, `${LOCK}.${process.pid}`);
  const content = `${process.pid} ${markOf(process.pid) ?? ''}`;
  writeFileSync(own, content, { mode: 0o600 });
  try {
    if (!tryLink(own, lock)) {
      const owner = readFileSync(lock, 'utf8');
      if (isAlive(owner)) throw locked(directory, owner);
      dropStale(lock, owner, directory);
      if (!tryLink(own, lock)) throw locked(directory, readFileSync(lock, 'utf8'));
    }
  } finally {
    rmSync(own, { force: true });
  }
  return {
    release: () => {
      if (readFileSync(lock, 'utf8') === content) rmSync(lock, { force: true });
    },
  };
}

/** A link is made whole or not at all, and not over another. */
function tryLink(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a dead owner's lock out of the way, and puts it back where another process was faster. */
function dropStale(lock: string, owner: string, directory: string): void {
  const aside = `${lock}.stale.${process.pid}`;
  renameSync(lock, aside);
  const taken = readFileSync(aside, 'utf8');
  if (taken !== owner) {
    tryLink(aside, lock);
    rmSync(aside, { force: true });
    throw locked(directory, taken);
  }
  rmSync(aside, { force: true });
}

function isAlive(owner: string): boolean {
  const [pid, ...mark] = owner.split(' ');
  const now = markOf(Number(pid));
  return now !== null && now === mark.join(' ');
}

/** When a process started, as a text that no other process of this pid shares; `null` where there is none. */
function markOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // After the command's name, which may hold anything: the state first, and the start time as 20th field.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') return null;
      const started = fields[19];
      return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${started}`;
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

const locked = (directory: string, owner: string) =>
  new DirectoryLocked(
    `${directory} is in use by the process ${owner.split(' ')[0]}: stop that gateway, or give this one a directory of its own.`,
  );
