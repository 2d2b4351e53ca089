import { readOffsets } from '@tollgate/event-store/offsets';
import type { DataSource, EntityManager } from 'typeorm';
import { forgetPositions } from '../allowances/sql/finished.ts';
import { USAGE_OFFSETS } from '../fold/usage-offsets.ts';
import { recordedOnce } from '../operations/recorded.ts';
import { LOCK_ORDER } from '../scopes/sql/lock-scopes.ts';

export interface Reanchored {
  /** How far the former topic was counted, by partition. */
  readonly counted: Readonly<Record<string, string>>;
  /** Scopes whose meters are published again. */
  readonly meters: number;
  readonly applied: boolean;
}

const HAS_METER = '(last_used_ms IS NOT NULL OR published_period_id IS NOT NULL)';
const MARK_DUE = `
  WITH held AS (SELECT scope_id FROM scopes WHERE ${HAS_METER} ORDER BY ${LOCK_ORDER} FOR UPDATE)
  UPDATE scopes SET publish_due_ms = $1 FROM held WHERE scopes.scope_id = held.scope_id`;

/**
 * Takes note that the broker's topics were made anew, in one transaction: usage is read from the beginning of its
 * topic, and every scope's meter is published again, of a new epoch, by which gateways know that what they had sent
 * and no meter counted is to be sent once more. Nothing counts twice, for records are known by their ids.
 */
export async function reanchor(
  db: DataSource,
  { apply, actor }: { readonly apply: boolean; readonly actor: string },
  nowMs: number,
): Promise<Reanchored> {
  if (!apply) {
    const [{ meters }] = await db.query(`SELECT count(*)::int AS meters FROM scopes WHERE ${HAS_METER}`);
    return { counted: await readOffsets(db.manager, USAGE_OFFSETS), meters, applied: false };
  }
  return recordedOnce(db, { kind: 'reanchor', actor, parameters: {} }, () =>
    db.transaction((sql) => startAnew(sql, nowMs)),
  );
}

async function startAnew(sql: EntityManager, nowMs: number): Promise<Reanchored> {
  await sql.query('SET LOCAL statement_timeout = 0');
  // Whoever folds has these rows locked until it has committed: none does so across the two topics.
  await sql.query(`LOCK TABLE ${USAGE_OFFSETS.table} IN ACCESS EXCLUSIVE MODE`);
  const counted = await readOffsets(sql, USAGE_OFFSETS);
  await sql.query(`DELETE FROM ${USAGE_OFFSETS.table}`);
  await sql.query('UPDATE usage_topic SET epoch = epoch + 1');
  await forgetPositions(sql);
  const [, meters] = await sql.query(MARK_DUE, [nowMs]);
  return { counted, meters, applied: true };
}
