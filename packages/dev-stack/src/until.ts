import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  readonly withinMs: number;
  /** 50 unless said. */
  readonly everyMs?: number;
  /** What to throw when the time is over; `last` is what the last attempt threw. */
  readonly onTimeout: (last: unknown) => Error;
  /** Errors that no further attempt would mend. */
  readonly stopOn?: new (
    message: string,
  ) => Error;
}

/** Asks again until `probe` answers something other than `undefined`; an error means "not yet". */
export async function until<T>(probe: () => Promise<T | undefined>, patience: Patience): Promise<T> {
  const deadline = performance.now() + patience.withinMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (patience.stopOn && error instanceof patience.stopOn) throw error;
      last = error;
    }
    if (performance.now() >= deadline) throw patience.onTimeout(last);
    await pause(patience.everyMs ?? 50);
  }
}
