import type { Sql } from '@tollgate/service-kit/postgres';
import { ADVANCE_STREAM } from './sql/advance-stream.ts';
import { CREATE_STREAMS } from './sql/create-streams.ts';
import { INSERT_EVENTS } from './sql/insert-events.ts';
import { INSERT_STREAM } from './sql/insert-stream.ts';
import { LOCK_STREAM } from './sql/lock-stream.ts';
import { READ_EVENTS } from './sql/read-events.ts';
import { RESTORE_STREAM } from './sql/restore-stream.ts';

/** What every event of a stream says; `at` is RFC 3339 in UTC with milliseconds. */
export interface StreamEvent {
  readonly type: string;
  readonly at: string;
  readonly actor: string;
  readonly data: unknown;
}

/** The stream has another version than the writer saw: someone wrote in between. */
export class ConcurrencyConflict extends Error {
  constructor(
    readonly streamId: string,
    readonly expectedVersion: number,
  ) {
    super(`stream ${streamId} is not at version ${expectedVersion}`);
    this.name = 'ConcurrencyConflict';
  }
}

/** For the migration of a service that keeps streams. */
export const createStreamSql = CREATE_STREAMS;

/**
 * Locks a stream until the transaction ends and gives its version, 0 where it does not exist (nothing is locked
 * then). Whoever locks first and reads after sees every committed event and meets no conflict on append.
 */
export async function lockStream(sql: Sql, streamId: string): Promise<number> {
  const [row] = await sql.query(LOCK_STREAM, [streamId]);
  return row?.version ?? 0;
}

/** A stream's events, oldest first; none where it does not exist. */
export async function readStream<E extends StreamEvent>(sql: Sql, streamId: string): Promise<E[]> {
  const rows: { type: string; at: Date; actor: string; data: unknown }[] = await sql.query(READ_EVENTS, [
    streamId,
  ]);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }) as E);
}

/**
 * Appends in the caller's transaction, holding the stream's row lock until its end, and gives the new version.
 * `expectedVersion` is the number of events the writer has seen; 0 creates the stream.
 * @throws ConcurrencyConflict where the stream has another version; the transaction is then to be rolled back
 */
export async function appendToStream(
  sql: Sql,
  streamId: string,
  expectedVersion: number,
  events: readonly StreamEvent[],
): Promise<number> {
  if (events.length === 0) return expectedVersion;
  const [row] =
    expectedVersion === 0
      ? await sql.query(INSERT_STREAM, [streamId, events.length])
      : await sql.query(ADVANCE_STREAM, [streamId, expectedVersion, events.length]);
  if (!row) throw new ConcurrencyConflict(streamId, expectedVersion);
  await insertEvents(sql, streamId, expectedVersion, events);
  return row.version;
}

/**
 * Goes on at a later version with an event that has all that led to it: those between were lost with a database that a
 * backup replaced. The caller has locked the stream, where it is there.
 */
export async function restoreStream(
  sql: Sql,
  streamId: string,
  version: number,
  event: StreamEvent,
): Promise<void> {
  await sql.query(RESTORE_STREAM, [streamId, version]);
  await insertEvents(sql, streamId, version - 1, [event]);
}

async function insertEvents(
  sql: Sql,
  streamId: string,
  after: number,
  events: readonly StreamEvent[],
): Promise<void> {
  await sql.query(INSERT_EVENTS, [
    streamId,
    after,
    events.map(({ type }) => type),
    events.map(({ at }) => at),
    events.map(({ actor }) => actor),
    events.map(({ data }) => JSON.stringify(data)),
  ]);
}
