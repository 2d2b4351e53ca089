import cluster, { type Worker } from 'node:cluster';
import type { Logger } from '@tollgate/service-kit/log';
import { answerForWorkers } from './metrics/workers-metrics.ts';

/** Tells a worker which of them it is, from 0. */
const WORKER_VARIABLE = 'TOLLGATE_WORKER';
/** A worker that dies is replaced at once, and one that dies young after this long. */
const YOUNG_MS = 10_000;
const PAUSE_MS = 1_000;

/** Whether this process serves, instead of starting those that do. */
export const isWorker = (workers: number): boolean => workers === 1 || cluster.isWorker;

/**
 * Runs gateways side by side on one port, each an instance of its own with its own log. One that dies is replaced
 * and settles what it left behind; a signal is handed on, and this process ends after the last of them.
 */
export function runWorkers(workers: number, logger: Logger): void {
  let stopping: NodeJS.Signals | null = null;
  answerForWorkers();
  const start = (number: number) => {
    const startedAtMs = performance.now();
    const worker = cluster.fork({ [WORKER_VARIABLE]: String(number) });
    worker.once('exit', (code, signal) => {
      if (stopping) return exitAfterLast();
      logger.error({ worker: number, code, signal }, 'a worker ended; another takes its place');
      const pauseMs = performance.now() - startedAtMs < YOUNG_MS ? PAUSE_MS : 0;
      setTimeout(() => start(number), pauseMs);
    });
  };
  const stop = (signal: NodeJS.Signals) => {
    stopping = signal;
    for (const worker of alive()) worker.process.kill(signal);
    exitAfterLast();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  for (let number = 0; number < workers; number += 1) start(number);
  logger.info({ workers }, 'gateway runs in several processes');
}

const alive = (): Worker[] => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);

function exitAfterLast(): void {
  if (alive().every((worker) => worker.isDead())) process.exit(0);
}
