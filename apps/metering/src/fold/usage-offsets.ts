import { type OffsetsTable, readOffsets } from '@tollgate/event-store/offsets';
import type { Sql } from '@tollgate/service-kit/postgres';

/**
 * Usage partition → next offset. Read after a scope's lock was taken, every record before it that counts on
 * that scope is in the scope's totals: a fold moves its offsets and frees its scopes in one commit.
 */
export const USAGE_OFFSETS: OffsetsTable = {
  topic: 'usage',
  table: 'usage_offsets',
  reanchor: '`npm run metering -- reanchor --apply`',
};

/** How far the usage topic is counted, and which making of it that is about. */
export interface Through {
  /** Partition → next offset. */
  readonly offsets: Readonly<Record<string, string>>;
  readonly epoch: number;
}

export async function readThrough(sql: Sql): Promise<Through> {
  const offsets = await readOffsets(sql, USAGE_OFFSETS);
  const [{ epoch }]: [{ epoch: string }] = await sql.query('SELECT epoch FROM usage_topic');
  return { offsets, epoch: Number(epoch) };
}
