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
/**
 * A stretch of load under V8's profiler, whose profile goes to `file`.
 * @returns what the load came to, and the CPU time that it took of the process, in µs
 */
export async function profiled<T>(
  child: ChildProcess,
  file: string,
  load: () => Promise<T>,
): Promise<{ readonly result: T; readonly cpuUs: number }> {
  await startProfile(child);
  const before = await cpuOf(child);
  const result = await load();
  const cpuUs = (await cpuOf(child)) - before;
  await stopProfile(child, file);
  return { result, cpuUs };
}
export const startProfile = (child: ChildProcess) => ask<void>(child, { ask: 'start-profile' });
export const stopProfile = (child: ChildProcess, file: string) =>
  ask<void>(child, { ask: 'stop-profile', file });
