import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';

const TICK_MS = 100;
/** For what has no bound of its own: some times as long as a machine may stall. */
const PATIENCE_MS = 45_000;

/**
 * Polls an assertion on something observable until it passes: for what happens asynchronously within a stated bound.
 * @param assertion throws or rejects as long as it does not hold
 * @param within_ms the bound, 45 s by default. It counts while this process runs: a stall of any length counts as a
 *   tenth of a second. A try that is still under way at the bound has failed
 * @param every_ms pause between two tries, 20 by default
 * @returns how long it took, in milliseconds
 * @throws the last try's error, its message preceded by the bound
 */
export async function eventually(
  assertion: () => unknown,
  { within_ms = PATIENCE_MS, every_ms = 20 }: { within_ms?: number; every_ms?: number } = {},
): Promise<number> {
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  const tick = Math.min(TICK_MS, within_ms);
  let left = within_ms;
  let ticking: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    ticking = setInterval(() => {
      left -= tick;
      if (left <= 0) resolve('late');
    }, tick);
  });
  let last: unknown = new Error('the first try did not end');
  try {
    while (left > 0) {
      const tried = Promise.resolve()
        .then(assertion)
        .then(
          () => 'passed' as const,
          (error: unknown) => {
            last = error;
            return 'failed' as const;
          },
        );
      const result = await Promise.race([tried, late]);
      if (result === 'passed') return elapsed();
      if (result === 'late') break;
      await Promise.race([sleep(every_ms), late]);
    }
  } finally {
    clearInterval(ticking);
  }
  throw precede(`not within ${within_ms} ms: `, last);
}

/** Keeps the error itself, with its diff and stack, and says in front that there was a bound. */
function precede(prefix: string, error: unknown): unknown {
  // Not instanceof: an error of node itself is of another realm than a spec under Jest.
  if (!types.isNativeError(error)) return new Error(`${prefix}${String(error)}`, { cause: error });
  const { message } = error;
  error.message = `${prefix}${message}`;
  if (error.stack?.includes(message)) error.stack = error.stack.replace(message, () => error.message);
  return error;
}
