import type { ChildProcess } from 'node:child_process';

/**
 * Arguments of `node` that let {@link shiftClock} move the clock of the process they start. It must be spawned with
 * an IPC channel (`fork`, or `'ipc'` in `stdio`); `CLOCK_OFFSET_MS` in its environment sets a first offset.
 */
export const CLOCK_PRELOAD_ARGS: readonly string[] = [
  '--import',
  new URL('../preload/clock.mjs', import.meta.url).href,
];

/**
 * Sets how far a child's Date is ahead of the real one, and resolves when that holds in the child. Offsets are
 * absolute, not added up; timers keep real time.
 * @param clockOffsetMs whole milliseconds, negative for the past
 * @param passes whether that is time that passes, which the steady clock goes along with, or a clock that is set
 * @throws when the child has no IPC channel or exits before it answers
 */
export function shiftClock(child: ChildProcess, clockOffsetMs: number, passes = false): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error?: Error | null) => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      if (error) reject(error);
      else resolve();
    };
    const onMessage = (message: unknown) => {
      if ((message as { clockOffsetMs?: unknown } | null)?.clockOffsetMs === clockOffsetMs) finish();
    };
    const onExit = () => finish(new Error('the process exited before its clock was moved'));
    child.on('message', onMessage);
    child.once('exit', onExit);
    if (!child.send) return finish(new Error('the process has no IPC channel'));
    child.send({ clockOffsetMs, passes }, (error) => {
      if (error) finish(error);
    });
  });
}
