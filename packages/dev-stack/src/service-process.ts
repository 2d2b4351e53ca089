import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Child, type Exit } from './child.ts';
import { StartFailure } from './start-failure.ts';
import { until } from './until.ts';

const READY_WITHIN_MS = 60_000;
/** A service ends itself by its own deadline of 25 s; this leaves it the time to say so. */
const STOPS_WITHIN_MS = 27_000;

export interface ServiceOptions {
  /** What people call it: `gateway`. */
  readonly name: string;
  /** The module to run, such as `apps/gateway/dist/main.js`. */
  readonly entry: string;
  /** Its whole environment; nothing is inherited but PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its readiness is asked, such as `http://127.0.0.1:4000/readyz`. */
  readonly readyUrl: string;
  /** 60 s unless said. */
  readonly readyWithinMs?: number;
  /** Appended to. */
  readonly logFile?: string;
  readonly onLine?: (line: string) => void;
  /** Told the process as soon as there is one, ready or not. */
  readonly onSpawn?: (pid: number) => void;
  /** Arguments of node before the entry, such as the `--import` of a module that lets a spec shift the clock. */
  readonly nodeArgs?: readonly string[];
  /** Opens a channel to such a module: `process.on('message')` there, `child.process.send` here. */
  readonly ipc?: boolean;
}

export interface ServiceProcess {
  readonly name: string;
  readonly pid: number;
  /** Where it answers, without a path: `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly exited: Promise<Exit>;
  readonly running: boolean;
  /** Its last lines of output. */
  readonly tail: readonly string[];
  readonly child: Child;
  /** SIGTERM, and SIGKILL after 25 s. */
  stop(): Promise<Exit>;
  /** kill -9 */
  kill(): Promise<Exit>;
}

/**
 * Starts a service and waits until it says that it may serve.
 * @throws StartFailure where it ends or is not ready in time: what it says is missing, and its last lines
 */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  const { name } = options;
  const log = options.logFile ? openLog(options.logFile) : undefined;
  const child = await Child.start({
    name,
    command: process.execPath,
    args: [...(options.nodeArgs ?? []), options.entry],
    // No balancer here has to notice that a service leaves.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TOLLGATE_LEAVE_MS: '0', ...options.env },
    ...(options.ipc ? { ipc: true } : {}),
    onLine: (line) => {
      log?.write(`${line}\n`);
      options.onLine?.(line);
    },
  });
  options.onSpawn?.(child.pid);
  void child.exited.then(() => log?.end());
  try {
    await untilReady(child, options);
  } catch (error) {
    await child.kill();
    throw error;
  }
  return {
    name,
    pid: child.pid,
    url: new URL(options.readyUrl).origin,
    exited: child.exited,
    get running() {
      return child.running;
    },
    tail: child.tail,
    child,
    stop: () => child.stop('SIGTERM', STOPS_WITHIN_MS),
    kill: () => child.kill(),
  };
}

function openLog(file: string) {
  mkdirSync(dirname(file), { recursive: true });
  return createWriteStream(file, { flags: 'a' });
}

async function untilReady(child: Child, options: ServiceOptions): Promise<void> {
  const withinMs = options.readyWithinMs ?? READY_WITHIN_MS;
  let said = 'it does not answer';
  const failed = (why: string) =>
    new StartFailure(`${options.name} ${why}${child.tail.length ? `:\n${child.tail.join('\n')}` : ''}`);
  await until(
    async () => {
      if (!child.running) {
        const { code, signal } = await child.exited;
        throw failed(`ended while starting (${signal ?? `exit code ${code}`})`);
      }
      const answer = await fetch(options.readyUrl, { signal: AbortSignal.timeout(2_000) });
      if (answer.ok) return true;
      const { missing } = (await answer.json()) as { missing?: unknown };
      said = Array.isArray(missing) ? `it waits for ${missing.join(', ')}` : `it answers ${answer.status}`;
      return undefined;
    },
    {
      withinMs,
      stopOn: StartFailure,
      onTimeout: () => failed(`is not ready after ${withinMs / 1000} s: ${said}`),
    },
  );
}
