import { QueryFailedError } from 'typeorm';

/** Of a connection: refused, lost, or ended by a server that is stopping, starting or full. */
const SQLSTATES = /^(08|53|57P)/;
const ERRNOS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
]);
/** What pg and its pool say without a code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * Whether a query failed because the database is not there or has no connection left, rather than for what was asked:
 * the same request may be answered when it is back.
 * @param error as pg, its pool or TypeORM throws it
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isDatabaseAway)) return true;
  const { code, severity } = (error instanceof QueryFailedError ? error.driverError : error) as PgError;
  return (
    severity === 'FATAL' ||
    (code !== undefined && (SQLSTATES.test(code) || ERRNOS.has(code))) ||
    MESSAGES.test(error.message)
  );
}

interface PgError {
  readonly code?: string;
  readonly severity?: string;
}
