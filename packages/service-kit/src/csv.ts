import { stringify } from 'csv-stringify/sync';

export const csvHead = (columns: readonly string[]): string => stringify([columns as string[]]);

/** Rows by the names of their columns, as RFC 4180 has them. */
export const csvRows = (columns: readonly string[], rows: readonly object[]): string =>
  stringify(rows as object[], {
    columns: [...columns],
    cast: { boolean: String, bigint: String, string: notAFormula },
  });

const DECIMAL = /^-?\d+(\.\d+)?$/;
/** Texts that a spreadsheet would run as a formula are written so that it does not; amounts stay amounts. */
const notAFormula = (text: string) => (/^[=+\-@\t\r]/.test(text) && !DECIMAL.test(text) ? `'${text}` : text);
