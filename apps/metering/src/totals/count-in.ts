import { foldUsage, scopesOfAll, type UsageFact } from '@tollgate/domain/metering/fold';
import type { EntityManager } from 'typeorm';
import { republish } from '../limits/republish.ts';
import { lockScopes } from '../scopes/sql/lock-scopes.ts';
import { addTotals } from './sql/add-totals.ts';

/**
 * Counts what an operator brought into the ledger, in the caller's transaction, and publishes the meters as they are
 * then: a limit may be reached by it, or no longer be.
 */
export async function countIn(sql: EntityManager, facts: readonly UsageFact[], nowMs: number): Promise<void> {
  if (facts.length === 0) return;
  const scopes = await lockScopes(sql, scopesOfAll(facts));
  const deltas = foldUsage(facts, (scopeId) => scopes.get(scopeId));
  await addTotals(sql, deltas, ({ scopeId, generation }) => generation < scopes.get(scopeId)!.generation);
  await republish(sql, [...scopes.values()], 'usage', nowMs);
}
