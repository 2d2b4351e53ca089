/**
 * A backup as lines of text, gzipped: one of {@link Head}; then for each table one of {@link TableHead} and its rows, as
 * PostgreSQL writes them in JSON; then one of {@link Foot}, without which a file is not whole. The first letter of a line
 * says what it is.
 */
export const HEAD = 'H';
export const TABLE = 'T';
export const ROW = 'R';
export const FOOT = 'F';

export interface Head {
  readonly service: string;
  /** RFC 3339: all of the backup is as of one instant, a little before this. */
  readonly taken_at: string;
  /** Of the release that made it. */
  readonly migrations: readonly string[];
}

export interface TableHead {
  readonly name: string;
  /** Of a table in parts by time: what they have to span. */
  readonly from: string | null;
  readonly to: string | null;
}

export interface Foot {
  /** Table → rows. */
  readonly rows: Readonly<Record<string, number>>;
}
