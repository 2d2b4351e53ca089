const DAY_MS = 86_400_000;

export interface Window<Row> {
  readonly fromMs: number;
  readonly toMs: number;
  /** The row after which the page begins, where the one before it ended within the window. */
  readonly after: Row | null;
}

/**
 * Reads rows of [fromMs, toMs) a page after another, in order. Finding a page sorts all of a window, so a window is
 * a day at most, and no more than about two pages where rows are dense: reading them all takes time in proportion.
 *
 * @param read the first `pageSize` rows of a window, by their instant and what tells those of one instant apart
 */
export async function* pagesByTime<Row>(
  { fromMs, toMs, pageSize }: { readonly fromMs: number; readonly toMs: number; readonly pageSize: number },
  instantOf: (row: Row) => number,
  read: (window: Window<Row>) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  let atMs = fromMs;
  let windowMs = DAY_MS;
  let after: Row | null = null;
  while (atMs < toMs) {
    const endMs = Math.min(atMs + windowMs, toMs);
    const page: Row[] = await read({ fromMs: atMs, toMs: endMs, after });
    if (page.length > 0) yield page;
    if (page.length < pageSize) {
      atMs = endMs;
      windowMs = Math.min(windowMs * 2, DAY_MS);
      after = null;
    } else {
      after = page.at(-1)!;
      const lastMs = instantOf(after);
      windowMs = Math.min(Math.max(2 * (lastMs - atMs), 1), DAY_MS);
      atMs = lastMs;
    }
  }
}
