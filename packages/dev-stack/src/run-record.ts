import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { commandLine, endStray } from './process-table.ts';
import { StartFailure } from './start-failure.ts';

const STRAY_GRACE_MS = 5_000;

interface Recorded {
  readonly pid: number;
  /** A part of its command line that nobody else's has. */
  readonly mark: string;
}

/**
 * Who runs from this clone, in a file: so that a second start is told of the first, and so that what a killed
 * start (kill -9, a lost power supply) left running is ended before its ports and data are wanted again.
 * PostgreSQL and Kafka find their own strays by their data directories.
 */
export class RunRecord {
  readonly #file: string;
  readonly #services: Recorded[] = [];
  readonly #starter: Recorded;

  private constructor(file: string, mark: string) {
    this.#file = file;
    this.#starter = { pid: process.pid, mark };
  }

  /**
   * @param mark a part of this process's own command line
   * @returns the record, and the services of a killed start that were ended
   * @throws StartFailure where a start from this clone is alive
   */
  static async open(file: string, mark: string): Promise<{ record: RunRecord; ended: number }> {
    let ended = 0;
    if (existsSync(file)) {
      const { starter, services } = parse(file);
      if (starter.pid !== process.pid && commandLine(starter.pid)?.includes(starter.mark)) {
        throw new StartFailure(
          `Tollgate runs from this clone already (process ${starter.pid}): stop it with Ctrl-C in its terminal ` +
            `or with \`kill ${starter.pid}\`.`,
        );
      }
      const strays = services.map(({ pid, mark }) => endStray(pid, mark, 'SIGTERM', STRAY_GRACE_MS));
      ended = (await Promise.all(strays)).filter(Boolean).length;
    }
    mkdirSync(dirname(file), { recursive: true });
    const record = new RunRecord(file, mark);
    record.#write();
    return { record, ended };
  }

  /** @param mark such as the entry's path, absolute */
  add(pid: number, mark: string): void {
    this.#services.push({ pid, mark });
    this.#write();
  }

  close(): void {
    rmSync(this.#file, { force: true });
  }

  #write(): void {
    writeFileSync(this.#file, JSON.stringify({ starter: this.#starter, services: this.#services }));
  }
}

function parse(file: string): { starter: Recorded; services: Recorded[] } {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Cut off while it was written: it named nobody yet.
    return { starter: { pid: 0, mark: '' }, services: [] };
  }
}
