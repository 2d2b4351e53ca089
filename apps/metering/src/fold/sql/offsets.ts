import type { Sql } from '@tollgate/service-kit/postgres';

const ENSURE = `
  INSERT INTO usage_offsets (partition) SELECT unnest($1::integer[]) AS partition ORDER BY partition
  ON CONFLICT DO NOTHING`;
const LOCK = `
  SELECT partition, next_offset FROM usage_offsets WHERE partition = ANY($1) ORDER BY partition FOR UPDATE`;

/** Locks partitions' progress for the transaction; `null` where nothing of a partition was ever read. */
export async function lockOffsets(
  sql: Sql,
  partitions: readonly number[],
): Promise<Map<number, bigint | null>> {
  await sql.query(ENSURE, [partitions]);
  const rows: { partition: number; next_offset: string | null }[] = await sql.query(LOCK, [partitions]);
  return new Map(
    rows.map(({ partition, next_offset }) => [partition, next_offset === null ? null : BigInt(next_offset)]),
  );
}

export interface Advance {
  readonly partition: number;
  readonly from: bigint | null;
  readonly to: bigint;
}

const ADVANCE = `
  UPDATE usage_offsets SET next_offset = step.to_offset
  FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS step (partition, from_offset, to_offset)
  WHERE usage_offsets.partition = step.partition AND next_offset IS NOT DISTINCT FROM step.from_offset`;

/** Moves partitions' progress on from where it was. @throws Error where another consumer moved one */
export async function advanceOffsets(sql: Sql, steps: readonly Advance[]): Promise<void> {
  if (steps.length === 0) return;
  const [, moved] = await sql.query(ADVANCE, [
    steps.map(({ partition }) => partition),
    steps.map(({ from }) => from?.toString() ?? null),
    steps.map(({ to }) => to.toString()),
  ]);
  if (moved === steps.length) return;
  const partitions = steps.map(({ partition }) => partition).join(', ');
  throw new Error(`one of the usage partitions ${partitions} was moved by another consumer`);
}

/**
 * Usage partition → next offset. Read after a scope's lock was taken, every record before it that counts on
 * that scope is in the scope's totals: a fold moves its offsets and frees its scopes in one commit.
 */
export async function readThrough(sql: Sql): Promise<Record<string, string>> {
  const rows: { partition: number; next_offset: string }[] = await sql.query(
    'SELECT partition, next_offset FROM usage_offsets WHERE next_offset IS NOT NULL ORDER BY partition',
  );
  return Object.fromEntries(rows.map((row) => [row.partition, row.next_offset]));
}
