import { readOffsets } from '@tollgate/event-store/offsets';
import type { DataSource } from 'typeorm';
import { ADJUSTMENT_OFFSETS, USAGE_OFFSETS } from '../fold/offsets-tables.ts';
import { recordOperation } from '../operations/record-operation.ts';

export interface Reanchored {
  /** How far the former topics were read, by topic and partition. */
  readonly read: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly applied: boolean;
}

/**
 * Takes note that the broker's topics were made anew: they are read from the beginning. What was billed is known by the
 * ids of its records, and is not billed again.
 */
export function reanchor(
  db: DataSource,
  { apply, actor }: { readonly apply: boolean; readonly actor: string },
  nowMs: number,
): Promise<Reanchored> {
  return db.transaction(async (sql) => {
    const read: Record<string, Record<string, string>> = {};
    for (const offsets of [USAGE_OFFSETS, ADJUSTMENT_OFFSETS]) {
      // Whoever folds has these rows locked until it has committed.
      if (apply) await sql.query(`LOCK TABLE ${offsets.table} IN ACCESS EXCLUSIVE MODE`);
      read[offsets.topic] = await readOffsets(sql, offsets);
      if (apply) await sql.query(`DELETE FROM ${offsets.table}`);
    }
    if (apply) await recordOperation(sql, { kind: 'reanchor', actor, parameters: {} }, read, nowMs);
    return { read, applied: apply };
  });
}
