import { setTimeout as sleep } from 'node:timers/promises';

/** Waits so long, or until the signal aborts, which is no error. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);
