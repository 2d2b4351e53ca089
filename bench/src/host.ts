import { execFileSync } from 'node:child_process';
import { arch, cpus, platform, release, totalmem } from 'node:os';

const GIB = 1_073_741_824;

/** What figures depend on, in one line. */
export const machine = () =>
  `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ` +
  `${Math.round(totalmem() / GIB)} GiB, ${platform()} ${release()} ${arch()}, Node ${process.versions.node}`;

/** Which core the proxies have for themselves, and which the others share. */
export interface Pinning {
  readonly proxy: string;
  readonly others: string;
}

function taskset(cores: string, pid: number): boolean {
  try {
    execFileSync('taskset', ['-acp', cores, String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Moves this process, and so whatever it starts later, off the first core, which is left to the proxy that is
 * measured. `null` where there is one core only, or no `taskset`.
 */
export function keepFirstCoreFree(): Pinning | null {
  const last = cpus().length - 1;
  if (last < 1) return null;
  const others = last === 1 ? '1' : `1-${last}`;
  return taskset(others, process.pid) ? { proxy: '0', others } : null;
}

export function pin(pid: number, cores: string): void {
  if (!taskset(cores, pid)) throw new Error(`process ${pid} could not be moved to core ${cores}`);
}
