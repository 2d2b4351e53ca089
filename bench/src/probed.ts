import type { ChildProcess } from 'node:child_process';
import type { Heap, Question } from './probe.ts';

/** Arguments of node that load the probe into a process started with an IPC channel. */
export const PROBE_ARGS: readonly string[] = [
  '--expose-gc',
  '--import',
  new URL('./probe.js', import.meta.url).href,
];

let asked = 0;

function ask<T>(child: ChildProcess, question: Question): Promise<T> {
  asked += 1;
  const probe = asked;
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      child.off('message', onMessage).off('exit', onExit);
      settle();
    };
    const onMessage = (message: { probe?: number; reply?: T }) => {
      if (message.probe === probe) finish(() => resolve(message.reply as T));
    };
    const onExit = () => finish(() => reject(new Error('the process ended before it answered its probe')));
    child.on('message', onMessage).once('exit', onExit);
    child.send({ probe, question });
  });
}

/** User and system time of all its threads so far, in µs. */
export const cpuOf = (child: ChildProcess) => ask<number>(child, { ask: 'cpu' });
/** After a garbage collection, in bytes. */
export const heapOf = (child: ChildProcess) => ask<Heap>(child, { ask: 'heap' });
export const startProfile = (child: ChildProcess) => ask<void>(child, { ask: 'start-profile' });
export const stopProfile = (child: ChildProcess, file: string) =>
  ask<void>(child, { ask: 'stop-profile', file });
