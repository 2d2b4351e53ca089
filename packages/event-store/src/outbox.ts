import type { Topic } from '@tollgate/contracts/topics';
import type { OutgoingRecord } from '@tollgate/kafka/cloud-event';
import type { Sql } from '@tollgate/service-kit/postgres';
import { CREATE_OUTBOX } from './sql/create-outbox.ts';
import { INSERT_OUTBOX } from './sql/insert-outbox.ts';

/** For the migration of a service that publishes what it commits. */
export const createOutboxSql = CREATE_OUTBOX;

/**
 * Queues records in the caller's transaction: they are published if, and only if, it commits.
 *
 * The caller holds the lock on whatever the records' keys stand for. Positions of one key are then drawn one
 * transaction after the other, so that the key's records leave in the order of their commits, although a
 * transaction that draws its positions early may commit late.
 */
export async function enqueue(sql: Sql, records: readonly OutgoingRecord[]): Promise<void> {
  if (records.length === 0) return;
  await sql.query(INSERT_OUTBOX, [
    records.map(({ topic }) => topic),
    records.map(({ key }) => key),
    records.map(({ headers }) => JSON.stringify(headers)),
    records.map(({ value }) => value.toString('utf8')),
  ]);
}

export interface OutboxRow {
  /** A bigint, which `pg` gives as text. */
  readonly position: string;
  readonly topic: Topic;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly value: string;
}

export const toOutgoing = ({ topic, key, headers, value }: OutboxRow): OutgoingRecord => ({
  topic,
  key,
  headers,
  value: Buffer.from(value, 'utf8'),
});
