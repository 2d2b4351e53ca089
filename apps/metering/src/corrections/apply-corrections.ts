import type { UsageAdjusted } from '@tollgate/contracts/events';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { parseUsd } from '@tollgate/contracts/money';
import type { UsageFact } from '@tollgate/domain/metering/fold';
import { enqueue } from '@tollgate/event-store/outbox';
import { toRecord } from '@tollgate/kafka/cloud-event';
import type { EntityManager } from 'typeorm';
import { countIn } from '../totals/count-in.ts';
import { appendCorrections } from './sql/append-corrections.ts';

/**
 * Appends corrections to the ledger, counts them where they count, and tells of each on `limit-events`, in the
 * caller's transaction. One whose id the ledger has was applied before, and is left out.
 *
 * @returns those that were applied
 */
export async function applyCorrections(
  sql: EntityManager,
  corrections: readonly UsageAdjusted[],
  nowMs: number,
): Promise<UsageAdjusted[]> {
  if (corrections.length === 0) return [];
  // Ids are unique with their instants alone: the same one made twice at once would be applied twice.
  await lockCorrections(sql);
  const applied = await appendCorrections(sql, corrections);
  await countIn(sql, applied.map(toFact), nowMs);
  // After the scopes are locked, so that one key's corrections leave in the order in which they count.
  await enqueue(sql, applied.map(adjustedRecord));
  return applied;
}

/** Until the transaction ends, nobody else corrects anything. */
export const lockCorrections = (sql: EntityManager): Promise<unknown> =>
  sql.query(`SELECT pg_advisory_xact_lock(hashtext('corrections'))`);

const toFact = (correction: UsageAdjusted): UsageFact => ({
  keyId: correction.key_id,
  teamId: correction.team_id,
  organizationId: ORGANIZATION_ID,
  admittedAtMs: Date.parse(correction.admitted_at),
  generations: correction.generations,
  cost: parseUsd(correction.cost_usd),
  tokens: BigInt(correction.tokens),
  requests: 0n,
});

/** A correction as it is told on `limit-events`. */
export const adjustedRecord = (correction: UsageAdjusted) =>
  toRecord('limit-events', {
    id: correction.id,
    source: '/metering',
    type: 'tollgate.usage.adjusted.v1',
    time: correction.recorded_at,
    subject: correction.key_id,
    data: correction,
  });
