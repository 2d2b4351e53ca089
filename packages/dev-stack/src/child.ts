import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const TAIL_LINES = 30;

export interface ChildOptions {
  /** What people call it: `Kafka`, `gateway`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The user to run as; needs root. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Opens a channel for `send`. */
  readonly ipc?: boolean;
  /** Each line of its stdout and stderr. */
  readonly onLine?: (line: string) => void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * running ──stop(signal)──▶ stopping ──grace over──▶ killed
 *    └────────kill()──────────┴──────────────────────▶ exited
 *
 * A process of ours, in a group of its own: a terminal's Ctrl-C does not reach it, so that we choose the order
 * in which things stop. In return it never outlives us: when this process ends, however, its group is killed.
 */
export class Child {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process is gone and its output is read; never rejects. */
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #tail: string[] = [];
  #running = true;

  private constructor(process: ChildProcess & { pid: number }, options: ChildOptions) {
    this.name = options.name;
    this.pid = process.pid;
    this.#process = process;
    const read = (stream: Readable | null) => {
      if (!stream) return;
      createInterface({ input: stream }).on('line', (line) => {
        if (this.#tail.push(line) > TAIL_LINES) this.#tail.shift();
        options.onLine?.(line);
      });
    };
    read(process.stdout);
    read(process.stderr);
    running.add(this);
    const watchdog = this.#watchdog();
    this.exited = new Promise((resolve) => {
      process.once('exit', () => {
        this.#running = false;
        running.delete(this);
        watchdog.kill('SIGKILL');
      });
      process.once('close', (code, signal) => resolve({ code, signal }));
    });
  }

  /** @throws the system's error where the command cannot be started, `ENOENT` where it is not found */
  static async start(options: ChildOptions): Promise<Child> {
    const settings: SpawnOptions = {
      env: options.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc ? ['ipc' as const] : [])],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...options.user,
    };
    const process = spawn(options.command, options.args, settings);
    const { pid } = process;
    if (pid === undefined) {
      throw await new Promise<Error>((resolve) => process.once('error', resolve));
    }
    // A failed kill or send is reported here too; the state of the process is known by its exit.
    process.on('error', () => {});
    return new Child(Object.assign(process, { pid }), options);
  }

  get running(): boolean {
    return this.#running;
  }

  /** Its last lines of output. */
  get tail(): readonly string[] {
    return this.#tail;
  }

  /** The channel and streams, for a caller that asked for `ipc`. */
  get process(): ChildProcess {
    return this.#process;
  }

  /** Asks with `signal`, and kills the group of one that is not gone after `graceMs`. */
  async stop(signal: NodeJS.Signals, graceMs: number): Promise<Exit> {
    if (this.#running) {
      this.#process.kill(signal);
      const deadline = setTimeout(() => this.#killGroup(), graceMs);
      await this.exited;
      clearTimeout(deadline);
    }
    return this.exited;
  }

  /** kill -9, of the whole group. */
  async kill(): Promise<Exit> {
    this.#killGroup();
    return this.exited;
  }

  #killGroup(): void {
    if (!this.#running) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // Gone in between.
    }
  }

  /**
   * Holds the other end of a pipe of ours, and so outlives even a kill -9 of this process by just long enough to
   * kill the group: no run leaves a broker behind.
   */
  #watchdog(): ChildProcess {
    const watchdog = spawn('sh', ['-c', `read _; kill -9 -${this.pid}`], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    watchdog.on('error', () => {});
    watchdog.unref();
    (watchdog.stdin as Socket).unref();
    return watchdog;
  }

  /** Kills what is left, at once: for a process that is about to end. */
  static killAll(): void {
    for (const child of running) child.#killGroup();
  }

  /** Ends what no one has taken charge of yet: parts that were being started when a stop came. */
  static async stopOthers(inCharge: ReadonlySet<Child>, graceMs: number): Promise<void> {
    const others = [...running].filter((child) => !inCharge.has(child));
    await Promise.all(others.map((child) => child.stop('SIGTERM', graceMs)));
  }
}

const running = new Set<Child>();
process.on('exit', () => Child.killAll());

/**
 * Runs a command to its end.
 * @returns its exit and last lines, whatever they are
 */
export async function runToEnd(options: ChildOptions): Promise<Exit & { output: string }> {
  const child = await Child.start(options);
  const exit = await child.exited;
  return { ...exit, output: child.tail.join('\n') };
}
