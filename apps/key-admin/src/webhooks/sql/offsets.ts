import type { OffsetsTable } from '@tollgate/event-store/offsets';
import type { Sql } from '@tollgate/service-kit/postgres';

/** How far limit events have become deliveries. */
export const WEBHOOK_OFFSETS: OffsetsTable = { topic: 'limit-events', table: 'webhook_offsets' };

const ENSURE = `insert into webhook_offsets (partition, next_offset) values ($1, 0) on conflict do nothing`;
const LOCK = `select next_offset from webhook_offsets where partition = $1 for update`;

/** Locks a partition's progress for the transaction: the offset of the next event to read. */
export async function lockOffset(sql: Sql, partition: number): Promise<bigint> {
  await sql.query(ENSURE, [partition]);
  const [row] = await sql.query(LOCK, [partition]);
  return BigInt(row.next_offset);
}

export async function setOffset(sql: Sql, partition: number, nextOffset: bigint): Promise<void> {
  await sql.query('update webhook_offsets set next_offset = $2 where partition = $1', [
    partition,
    `${nextOffset}`,
  ]);
}

export async function hasOffsets(sql: Sql): Promise<boolean> {
  const [{ exists }] = await sql.query('select exists (select from webhook_offsets)');
  return exists;
}

const INSERT = `
  insert into webhook_offsets (partition, next_offset)
  select partition, next_offset from unnest($1::int[], $2::bigint[]) as told (partition, next_offset)`;
const FIRST = `${INSERT} on conflict do nothing`;
const RAISE = `${INSERT}
  on conflict (partition) do update set next_offset = greatest(webhook_offsets.next_offset, excluded.next_offset)`;
const columnsOf = (offsets: ReadonlyMap<number, bigint>) => [
  [...offsets.keys()],
  [...offsets.values()].map(String),
];

export async function insertFirstOffsets(sql: Sql, offsets: ReadonlyMap<number, bigint>): Promise<void> {
  await sql.query(FIRST, columnsOf(offsets));
}

export async function raiseOffsets(sql: Sql, offsets: ReadonlyMap<number, bigint>): Promise<void> {
  await sql.query(RAISE, columnsOf(offsets));
}
