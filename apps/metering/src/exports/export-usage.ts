import { type ExportQuery } from '@tollgate/contracts/metering-http';
import { spanOf } from '@tollgate/contracts/span';
import { csvHead, csvRows } from '@tollgate/service-kit/csv';
import type { Sql } from '@tollgate/service-kit/postgres';
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
  const of = { scope: scopeKindOf(scopeId), scopeId, ...spanOf(query, nowMs) };
  const write = query.format === 'csv' ? toCsv : toNdjson;
  if (query.format === 'csv') yield csvHead(EXPORTED);
  let last: ExportedRecord | null = null;
  do {
    const page: ExportedRecord[] = await readRecords(sql, of, last, PAGE);
    if (page.length > 0) yield write(page);
    last = page.length < PAGE ? null : page.at(-1)!;
  } while (last);
}

const toCsv = (page: readonly ExportedRecord[]) => csvRows(EXPORTED, page);

const toNdjson = (page: readonly ExportedRecord[]) =>
  page.map((record) => `${JSON.stringify(record)}\n`).join('');
