import type { Topic } from '@tollgate/contracts/topics';
import { FatalConsumerError } from '@tollgate/kafka/batch-server';
import type { Sql } from '@tollgate/service-kit/postgres';
import { ADVANCE_OFFSETS } from './sql/advance-offsets.ts';
import { CREATE_OFFSETS } from './sql/create-offsets.ts';
import { ENSURE_OFFSETS } from './sql/ensure-offsets.ts';
import { LOCK_OFFSETS } from './sql/lock-offsets.ts';
import { READ_OFFSETS } from './sql/read-offsets.ts';

/** How far each partition of a topic was counted: the truth about a consumer's progress, in a table of its own. */
export interface OffsetsTable {
  readonly topic: Topic;
  readonly table: string;
  /** The command that tells the service that its topics were made anew. */
  readonly reanchor?: string;
}

/** For the migration of a service that counts what it consumes. */
export const createOffsetsSql = CREATE_OFFSETS;

/** Locks partitions' progress for the transaction; `null` where nothing of a partition was ever read. */
export async function lockOffsets(
  sql: Sql,
  { table }: OffsetsTable,
  partitions: readonly number[],
): Promise<Map<number, bigint | null>> {
  await sql.query(ENSURE_OFFSETS(table), [partitions]);
  const rows: { partition: number; next_offset: string | null }[] = await sql.query(LOCK_OFFSETS(table), [
    partitions,
  ]);
  return new Map(
    rows.map(({ partition, next_offset }) => [partition, next_offset === null ? null : BigInt(next_offset)]),
  );
}

/** A partition's records as they come from the topic: [firstOffset, nextOffset). */
export interface OffsetRange {
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly nextOffset: bigint;
}

export interface Advance {
  readonly partition: number;
  readonly from: bigint | null;
  readonly to: bigint;
}

/**
 * How a batch moves its partition on from `next`, where that is locked; `null` where an earlier delivery moved it
 * further already. Records below `next` were counted then.
 * @throws FatalConsumerError where records between were never counted
 */
export function advanceOver(of: OffsetsTable, batch: OffsetRange, next: bigint | null): Advance | null {
  const { partition, firstOffset, nextOffset } = batch;
  if (next !== null && firstOffset > next) {
    throw new FatalConsumerError(
      `${of.topic} partition ${partition} goes on at offset ${firstOffset}, but it is folded up to ${next}: the ` +
        `records between were never counted, and the topic does not have them any more. Accept the loss with ` +
        `UPDATE ${of.table} SET next_offset = ${firstOffset} WHERE partition = ${partition}.`,
    );
  }
  return next === null || nextOffset > next ? { partition, from: next, to: nextOffset } : null;
}

/** What to stop with where records below an offset were never counted: the topic is another than the offset is about. */
export const topicMadeAnew = (of: OffsetsTable, partition: number, next: bigint | null, missing: number) =>
  new FatalConsumerError(
    `${of.topic} partition ${partition} is folded up to offset ${next}, but ${missing} records below it were never ` +
      `counted: the topic was made anew. Have it read from its beginning with ` +
      `${of.reanchor ?? `DELETE FROM ${of.table} WHERE partition = ${partition}`}.`,
  );

/** Moves partitions' progress on from where it was. @throws Error where another consumer moved one */
export async function advanceOffsets(
  sql: Sql,
  { topic, table }: OffsetsTable,
  steps: readonly Advance[],
): Promise<void> {
  if (steps.length === 0) return;
  const [, moved] = await sql.query(ADVANCE_OFFSETS(table), [
    steps.map(({ partition }) => partition),
    steps.map(({ from }) => from?.toString() ?? null),
    steps.map(({ to }) => to.toString()),
  ]);
  if (moved === steps.length) return;
  const partitions = steps.map(({ partition }) => partition).join(', ');
  throw new Error(`one of the ${topic} partitions ${partitions} was moved by another consumer`);
}

/** Partition → next offset, of those of which anything was read. */
export async function readOffsets(sql: Sql, { table }: OffsetsTable): Promise<Record<string, string>> {
  const rows: { partition: number; next_offset: string }[] = await sql.query(READ_OFFSETS(table));
  return Object.fromEntries(rows.map((row) => [row.partition, row.next_offset]));
}
