import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Holder } from '@tollgate/domain/allowance/holder';
import { DirectoryLocked } from './directory-lock.ts';
import { beginIn, successorIn } from './instance-id.ts';
import type { Recovered } from './ledger.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

const WORKER_DIRECTORY = /^\d+$/;

export interface OpenLog {
  readonly log: WriteAheadLog;
  readonly recovered: Recovered;
}

/** Where the logs are, and which of them is this process's. */
export interface LogPlace {
  readonly root: string;
  readonly maxBytes: number;
  readonly worker: number;
  readonly workers: number;
  /** The operator's name for this gateway; else one is made and kept. */
  readonly instance: string | undefined;
}

/** A worker's log and name, which live in one directory and outlive it; and the logs of workers that are no more. */
export class OwnLog {
  private constructor(
    /** This process, as it is known from its log. */
    readonly holder: Holder,
    /** Each stands for all former processes of its instance, which have ended. */
    readonly successors: readonly Holder[],
    readonly own: OpenLog,
    private readonly leftBehind: readonly (OpenLog & { readonly directory: string })[],
  ) {}

  /** @throws DirectoryLocked where another gateway works there */
  static open({ root, maxBytes, worker, workers, instance }: LogPlace): OwnLog {
    const directory = join(root, String(worker));
    const own = WriteAheadLog.open({ directory, maxBytes });
    const name = instance === undefined || workers === 1 ? instance : `${instance}-${worker}`;
    const leftBehind = worker === 0 ? adopt(root, workers, maxBytes) : [];
    const before = [directory, ...leftBehind.map((left) => left.directory)].flatMap(
      (place) => successorIn(place) ?? [],
    );
    const holder = beginIn(directory, name, Date.now());
    const others = before.filter(({ instance }) => instance !== holder.instance);
    return new OwnLog(holder, [holder, ...others], own, leftBehind);
  }

  get instance(): string {
    return this.holder.instance;
  }

  get log(): WriteAheadLog {
    return this.own.log;
  }

  /** Logs with what a former process left in them: the own one first. */
  get all(): readonly OpenLog[] {
    return [this.own, ...this.leftBehind];
  }

  /** Closes the logs, and does away with those of former workers that nobody needs any more. */
  close(): void {
    this.own.log.close();
    for (const { log, directory } of this.leftBehind) {
      const isNeeded = log.size > 0;
      log.close();
      if (!isNeeded) rmSync(directory, { recursive: true, force: true });
    }
  }
}

/** Opens what workers have left behind that there are no more, since fewer of them are run now. */
function adopt(root: string, workers: number, maxBytes: number): (OpenLog & { directory: string })[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => WORKER_DIRECTORY.test(name) && Number(name) >= workers)
    .flatMap((name) => {
      const directory = join(root, name);
      try {
        return [{ ...WriteAheadLog.open({ directory, maxBytes }), directory }];
      } catch (error) {
        // Still at work: another gateway shares the directory, and answers for its own.
        if (error instanceof DirectoryLocked) return [];
        throw error;
      }
    });
}
