import type { Sql } from '@tollgate/service-kit/postgres';

/** Locks a partition's progress for the transaction; `null` when nothing of it was ever read. */
export async function lockOffset(sql: Sql, partition: number): Promise<bigint | null> {
  await sql.query('INSERT INTO usage_offsets (partition) VALUES ($1) ON CONFLICT DO NOTHING', [partition]);
  const [row] = await sql.query('SELECT next_offset FROM usage_offsets WHERE partition = $1 FOR UPDATE', [
    partition,
  ]);
  return row.next_offset === null ? null : BigInt(row.next_offset);
}

const ADVANCE = `
  UPDATE usage_offsets SET next_offset = $3
  WHERE partition = $1 AND next_offset IS NOT DISTINCT FROM $2::bigint`;

/** Moves a partition's progress on from where it was. @throws Error where another consumer moved it */
export async function advanceOffset(
  sql: Sql,
  partition: number,
  from: bigint | null,
  to: bigint,
): Promise<void> {
  const [, moved] = await sql.query(ADVANCE, [partition, from?.toString() ?? null, to.toString()]);
  if (moved !== 1) throw new Error(`usage partition ${partition} was moved by another consumer`);
}

/**
 * Usage partition → next offset. Read after a scope's lock was taken, every record before it that counts on
 * that scope is in the scope's totals: a fold moves its offset and frees its scopes in one commit.
 */
export async function readThrough(sql: Sql): Promise<Record<string, string>> {
  const rows: { partition: number; next_offset: string }[] = await sql.query(
    'SELECT partition, next_offset FROM usage_offsets WHERE next_offset IS NOT NULL ORDER BY partition',
  );
  return Object.fromEntries(rows.map((row) => [row.partition, row.next_offset]));
}
