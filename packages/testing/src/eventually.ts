import { setTimeout as sleep } from 'node:timers/promises';
import { types } from 'node:util';

/**
 * Polls an assertion on something observable until it passes: for what happens asynchronously within a stated bound.
 * @param assertion throws or rejects as long as it does not hold
 * @param within_ms the bound; a try that is still under way then has failed
 * @param every_ms pause between two tries, 20 by default
 * @returns how long it took, in milliseconds
 * @throws the last try's error, its message preceded by the bound
 */
export async function eventually(
  assertion: () => unknown,
  { within_ms, every_ms = 20 }: { within_ms: number; every_ms?: number },
): Promise<number> {
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  const bound = new AbortController();
  const late = sleep(within_ms, 'late' as const, { signal: bound.signal });
  let last: unknown = new Error('the first try did not end');
  try {
    while (elapsed() < within_ms) {
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
    late.catch(() => {});
    bound.abort();
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
