import { instanceIn } from './instance-id.ts';
import type { Recovered } from './ledger.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/** This gateway's log and name: both live in one directory, and outlive the process. */
export class OwnLog {
  private constructor(
    readonly instance: string,
    readonly log: WriteAheadLog,
    readonly recovered: Recovered,
  ) {}

  /** @throws DirectoryLocked where another gateway works there */
  static open(directory: string, maxBytes: number, instance: string | undefined): OwnLog {
    const { log, recovered } = WriteAheadLog.open({ directory, maxBytes });
    return new OwnLog(instanceIn(directory, instance), log, recovered);
  }
}
