import { arrive } from '@tollgate/domain/allowance/end';
import { scopesOf } from '@tollgate/domain/metering/fold';
import type { EntityManager } from 'typeorm';
import type { UsageEntry } from '../fold/usage-entry.ts';
import { applyCharges, chargeOf } from './charge.ts';
import { type Arrived, addArrived } from './sql/add-arrived.ts';
import { lockNamed } from './sql/read-allowances.ts';
import { saveAllowances } from './sql/save-allowances.ts';

/**
 * Takes what new records came to off the allowances that they name, in the transaction that counts it, under the locks
 * of their scopes: what was outstanding becomes settled at once. What was charged for a lost one is given back.
 */
export async function foldAllowances(
  sql: EntityManager,
  recorded: readonly UsageEntry[],
  nowMs: number,
): Promise<void> {
  const used = addUp(recorded);
  const added = await addArrived(sql, [...used.values()]);
  const others = [...used.keys()].filter((id) => !added.has(id));
  const steps = (await lockNamed(sql, others))
    .filter(({ id, scopeId }) => used.get(id)!.scopeId === scopeId)
    .map((row) => ({ row, step: arrive(row, used.get(row.id)!.amounts) }));
  await saveAllowances(
    sql,
    steps.map(({ row, step }) => ({ ...step.allowance, scopeId: row.scopeId })),
  );
  const charges = steps.flatMap(({ row, step }) => chargeOf(row, step, 'a record of it came') ?? []);
  await applyCharges(sql, charges, nowMs);
}

function addUp(recorded: readonly UsageEntry[]): Map<string, Arrived> {
  const used = new Map<string, Arrived>();
  for (const { record, fact } of recorded) {
    if (!record.allowances) continue;
    for (const { scope, scopeId } of scopesOf(fact)) {
      const id = record.allowances[scope];
      if (id === undefined) continue;
      const { cost, tokens } = used.get(id)?.amounts ?? { cost: 0n, tokens: 0n };
      const amounts = { cost: cost + (fact.cost ?? 0n), tokens: tokens + fact.tokens };
      used.set(id, { id, scopeId, amounts });
    }
  }
  return used;
}
