import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartFailure } from './start-failure.ts';

/** How to run PostgreSQL's programs here: it refuses to run as root. */
export interface PostgresUser {
  /** The owner of the data directory, where that is not the user we are. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Put before every command. */
  readonly wrapper: readonly string[];
}

function lookUp(name: string): { uid: number; gid: number } | null {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

/** Whether "other" users may pass through every folder above `path`. */
function isReachable(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * As root, PostgreSQL runs as `postgres`, or `nobody` where there is no such user: no account is made for it.
 * A clone below a private folder such as /root is closed to that user, so there it keeps one right of root,
 * to pass through folders, which `setpriv` (util-linux) gives it.
 * @param paths the programs and data it has to reach
 */
export function postgresUser(paths: readonly string[]): PostgresUser {
  if (process.getuid?.() !== 0) return { wrapper: [] };
  const user = lookUp('postgres') ?? lookUp('nobody');
  if (!user || user.uid === 0) {
    throw new StartFailure(
      'PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`: ' +
        'run as another user, or set DATABASE_URL to a server of yours.',
    );
  }
  if (paths.every(isReachable)) return { user, wrapper: [] };
  try {
    execFileSync('setpriv', ['--version'], { stdio: 'ignore' });
  } catch {
    throw new StartFailure(
      `PostgreSQL does not run as root, and other users cannot reach ${paths.find((path) => !isReachable(path))}: ` +
        'move the clone, run as another user, or set DATABASE_URL to a server of yours.',
    );
  }
  const capability = '+dac_override';
  return {
    user,
    wrapper: [
      'setpriv',
      `--reuid=${user.uid}`,
      `--regid=${user.gid}`,
      '--clear-groups',
      `--inh-caps=${capability}`,
      `--ambient-caps=${capability}`,
    ],
  };
}
