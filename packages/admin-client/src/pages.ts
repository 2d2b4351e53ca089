interface Page<Item> {
  readonly data: readonly Item[];
  readonly next_cursor: string | null;
}

/**
 * Every item of a list that comes in pages, asked for as they are taken:
 * `for await (const key of everyItem((cursor) => client.keys.list({ query: { cursor } })))`.
 */
export async function* everyItem<Item>(
  list: (cursor: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  for (let cursor: string | undefined; ; ) {
    const { data, next_cursor } = await list(cursor);
    yield* data;
    if (next_cursor === null) return;
    cursor = next_cursor;
  }
}
