import type { ChildProcess } from 'node:child_process';

/** What a process holds after a garbage collection. */
export interface Holds {
  /** Of the heap, and of buffers outside it. */
  readonly memoryBytes: number;
  /** Open files and sockets. */
  readonly handles: number;
}

/** Arguments of `node` that let {@link probe} ask the process they start, which must have an IPC channel. */
export const PROBE_PRELOAD_ARGS: readonly string[] = [
  '--expose-gc',
  '--import',
  new URL('../preload/probe.mjs', import.meta.url).href,
];

const ANSWERS_WITHIN_MS = 10_000;
let asked = 0;

/** @throws Error where the process ends, or is too busy to answer within 10 s */
export function probe(child: ChildProcess): Promise<Holds> {
  asked += 1;
  const own = asked;
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
      settle();
    };
    const onMessage = (message: { probe?: number; holds?: Holds }) => {
      if (message.probe === own) finish(() => resolve(message.holds!));
    };
    const onExit = () => finish(() => reject(new Error('the process ended before it answered')));
    const timer = setTimeout(
      () => finish(() => reject(new Error('the process did not answer in time'))),
      ANSWERS_WITHIN_MS,
    );
    child.on('message', onMessage).once('exit', onExit);
    child.send({ probe: own });
  });
}
