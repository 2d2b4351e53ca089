/**
 * Runs work under a controller of its own that a signal aborts too. In place of `AbortSignal.any`, of whose every use
 * Node keeps something on the signal: on one that lives as long as its process, for ever.
 */
export async function abortedToo<T>(
  signal: AbortSignal,
  work: (own: AbortController) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const abort = () => own.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await work(own);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
