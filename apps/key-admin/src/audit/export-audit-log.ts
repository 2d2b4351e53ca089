import { Readable } from 'node:stream';
import { Injectable, StreamableFile } from '@nestjs/common';
import type { AuditEntry, AuditExportQuery } from '@tollgate/contracts/audit-http';
import { EXPORT_MEDIA_TYPES } from '@tollgate/contracts/metering-http';
import { csvHead, csvRows } from '@tollgate/service-kit/csv';
import { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { toAuditEntry } from './audit-entry.ts';
import { readOldest } from './sql/read-entries.ts';

const PAGE = 1_000;
const COLUMNS = [
  'sequence',
  'at',
  'actor',
  'address',
  'action',
  'target',
  'team_id',
  'before',
  'after',
  'hash',
] as const;

@Injectable()
export class ExportAuditLog {
  constructor(private readonly db: DataSource) {}

  /** The entries that the caller may read, oldest first, as a file that is sent while it is read. */
  execute(caller: Caller, { format, ...filter }: AuditExportQuery): StreamableFile {
    return new StreamableFile(Readable.from(this.lines(caller, filter, format)), {
      type: EXPORT_MEDIA_TYPES[format],
      disposition: `attachment; filename="audit-log.${format}"`,
    });
  }

  private async *lines(
    caller: Caller,
    filter: Omit<AuditExportQuery, 'format'>,
    format: AuditExportQuery['format'],
  ): AsyncGenerator<string> {
    if (format === 'csv') yield csvHead(COLUMNS);
    for (let after = 0; ; ) {
      const rows = await readOldest(this.db, filter, caller.team_id, after, PAGE);
      const entries = rows.map(toAuditEntry);
      if (entries.length > 0) yield format === 'csv' ? asCsv(entries) : asLines(entries);
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.sequence;
    }
  }
}

const asLines = (entries: readonly AuditEntry[]) =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');

const asCsv = (entries: readonly AuditEntry[]) =>
  csvRows(
    COLUMNS,
    entries.map((entry) => ({
      ...entry,
      before: entry.before && JSON.stringify(entry.before),
      after: entry.after && JSON.stringify(entry.after),
    })),
  );
