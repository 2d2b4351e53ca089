import { LINE_ITEM_COLUMNS, type LineItem, type LineItemsQuery } from '@tollgate/contracts/billing-http';
import { spanOf } from '@tollgate/contracts/span';
import { csvHead, csvRows } from '@tollgate/service-kit/csv';
import type { Sql } from '@tollgate/service-kit/postgres';
import { type ItemFilter, readItems } from '../items/sql/read-items.ts';
import { ParquetFile } from './parquet-file.ts';

/** Also the rows of a group in Parquet, whose columns are compressed by themselves: fewer would cost readers. */
const PAGE = 5_000;

export function filterOf(query: Omit<LineItemsQuery, 'format'>, nowMs: number): ItemFilter {
  const { team_id = null, key_id = null, model = null } = query;
  return { ...spanOf(query, nowMs), teamId: team_id, keyId: key_id, model };
}

/**
 * Line items as a file, a page after another as the reader takes them, in constant memory. Each page is read by
 * itself: a slow reader holds no transaction open. A line that changes meanwhile is there once, before or after.
 *
 * @param onPage told how many items were written so far
 */
export async function* exportItems(
  sql: Sql,
  filter: ItemFilter,
  format: LineItemsQuery['format'],
  onPage: (written: number) => void = () => undefined,
): AsyncGenerator<string | Uint8Array> {
  const writer = WRITERS[format]();
  yield writer.head();
  let last: LineItem | null = null;
  let written = 0;
  do {
    const page: LineItem[] = await readItems(sql, filter, last, PAGE);
    if (page.length > 0) yield writer.rows(page);
    written += page.length;
    onPage(written);
    last = page.length < PAGE ? null : page.at(-1)!;
  } while (last);
  yield writer.tail();
}

interface Writer {
  head(): string | Uint8Array;
  rows(page: readonly LineItem[]): string | Uint8Array;
  tail(): string | Uint8Array;
}

const none = () => '';
const WRITERS: Readonly<Record<LineItemsQuery['format'], () => Writer>> = {
  csv: () => ({
    head: () => csvHead(LINE_ITEM_COLUMNS),
    rows: (page) => csvRows(LINE_ITEM_COLUMNS, page),
    tail: none,
  }),
  ndjson: () => ({
    head: none,
    rows: (page) => page.map((item) => `${JSON.stringify(item)}\n`).join(''),
    tail: none,
  }),
  parquet: () => new ParquetFile(),
};
