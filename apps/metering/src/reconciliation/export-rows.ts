import { TollgateError } from '@tollgate/contracts/errors';
import type { DayFigures } from '@tollgate/domain/metering/reconcile';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';

/** A row of a provider's export: a line of CSV by its header, or a result of a bucket of its API. */
export type Row = Readonly<Record<string, unknown>>;

/** How a provider's rows are read. */
export interface ExportReader {
  /** Where a bucket of its API, and a line of its CSV, tells when it begins. */
  readonly start: string;
  /** What an export must have to be this provider's, for the message where it has not. */
  readonly expects: string;
  /** @throws z.ZodError where the row has not what it must have; `null` of a row without usage */
  read(row: Row): Omit<DayFigures, 'day'> | null;
}

export interface ProviderExport {
  readonly figures: DayFigures[];
  /** All days that it covers, with usage or not. */
  readonly days: string[];
}

const page = z.object({ data: z.array(z.looseObject({ results: z.array(z.looseObject({})) })) });
const pages = z.union([page.transform((one) => [one]), z.array(page)]);

/** Reads an export. @throws TollgateError `invalid_field` that says what is wrong with it, and where */
export function readExport(text: string, reader: ExportReader): ProviderExport {
  const rows = /^\s*[[{]/.test(text) ? fromJson(text, reader) : fromCsv(text, reader);
  const figures = rows.flatMap(({ day, place, row }) => {
    if (!row) return [];
    try {
      const read = reader.read(row);
      return read === null ? [] : [{ day, ...read }];
    } catch (error) {
      throw invalid(`${place} cannot be read: ${problem(error)}. It must be ${reader.expects}.`);
    }
  });
  if (rows.length === 0) throw invalid(`has no rows. It must be ${reader.expects}.`);
  return { figures, days: [...new Set(rows.map(({ day }) => day))].sort() };
}

interface Place {
  readonly day: string;
  readonly place: string;
  /** `null` of a bucket without results. */
  readonly row: Row | null;
}

function fromJson(text: string, { start, expects }: ExportReader): Place[] {
  const read = pages.safeParse(parsed(() => JSON.parse(text)));
  if (!read.success) throw invalid(`has not the shape of an answer of its API. It must be ${expects}.`);
  return read.data.flatMap(({ data }) =>
    data.flatMap((bucket, n) => {
      const day = dayOf(bucket[start], `bucket ${n + 1}`, expects);
      const results: (Row | null)[] = bucket.results.length === 0 ? [null] : bucket.results;
      return results.map((row) => ({ day, place: `a result of ${day}`, row }));
    }),
  );
}

function fromCsv(text: string, { start, expects }: ExportReader): Place[] {
  const lines = parsed(() =>
    parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true }),
  ) as Row[];
  return lines.map((row, n) => {
    const place = `line ${n + 2}`;
    return { day: dayOf(row[start] ?? row['usage_date_utc'], place, expects), place, row };
  });
}

function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw invalid(`cannot be read: ${(error as Error).message}`);
  }
}

/** Seconds since 1970, an instant or a day → `2026-11-23`. */
function dayOf(start: unknown, place: string, expects: string): string {
  const seconds = Number(start);
  const ms = Number.isFinite(seconds) && start !== '' ? seconds * 1_000 : Date.parse(`${start}`);
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) throw invalid(`${place} does not tell its day. It must be ${expects}.`);
  return date.toISOString().slice(0, 10);
}

const invalid = (message: string) =>
  new TollgateError('invalid_field', `The export ${message}`, { param: 'export' });

const problem = (error: unknown) =>
  error instanceof z.ZodError
    ? error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')
    : (error as Error).message;
