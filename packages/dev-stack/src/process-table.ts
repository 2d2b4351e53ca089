import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** The command line of a live process, or `null` where there is none. */
export function commandLine(pid: number): string | null {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    }
    // A zombie has an empty command line: it holds nothing any more.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || null;
  } catch {
    return null;
  }
}

/**
 * Ends a process that is not our child, if its command line still has `mark` in it, so that a number the system
 * has given to someone else since is left alone: `signal`, and SIGKILL after `graceMs`.
 * @returns whether there was one
 */
export async function endStray(
  pid: number,
  mark: string,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<boolean> {
  const lives = () => commandLine(pid)?.includes(mark) ?? false;
  if (!lives()) return false;
  process.kill(pid, signal);
  const deadline = performance.now() + graceMs;
  let killed = false;
  while (lives()) {
    await pause(50);
    if (!killed && performance.now() > deadline) {
      killed = true;
      if (lives()) process.kill(pid, 'SIGKILL');
    }
  }
  return true;
}
