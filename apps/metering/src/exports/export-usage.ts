import { type ExportQuery } from '@tollgate/contracts/metering-http';
import { spanOf } from '@tollgate/contracts/span';
import { csvHead, csvRows } from '@tollgate/service-kit/csv';
import type { Sql } from '@tollgate/service-kit/postgres';
import { pagesByTime } from '../ledger/pages-by-time.ts';
import { scopeKindOf } from '../scopes/scope-row.ts';
import { EXPORTED, type ExportedRecord, readRecords } from './sql/read-records.ts';

const PAGE = 2_000;

/**
 * A scope's records of a time as text, a page after another as the reader takes them, in constant memory. Each page
 * is read by itself: a slow reader holds no transaction open. Nothing that is in the ledger when the export begins
 * is missing or repeated, for records are never changed and never leave their order.
 */
export async function* exportUsage(
  sql: Sql,
  scopeId: string,
  query: ExportQuery,
  nowMs: number,
): AsyncGenerator<string> {
  const of = { scope: scopeKindOf(scopeId), scopeId };
  const { from, to } = spanOf(query, nowMs);
  const write = query.format === 'csv' ? toCsv : toNdjson;
  if (query.format === 'csv') yield csvHead(EXPORTED);
  const pages = pagesByTime<ExportedRecord>(
    { fromMs: Date.parse(from), toMs: Date.parse(to), pageSize: PAGE },
    ({ admitted_at }) => Date.parse(admitted_at as string),
    ({ after, ...window }) => readRecords(sql, { ...of, ...window }, after, PAGE),
  );
  for await (const page of pages) yield write(page);
}

const toCsv = (page: readonly ExportedRecord[]) => csvRows(EXPORTED, page);

const toNdjson = (page: readonly ExportedRecord[]) =>
  page.map((record) => `${JSON.stringify(record)}\n`).join('');
