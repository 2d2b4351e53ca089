import type { Step } from '@tollgate/domain/allowance/end';
import { periodAt } from '@tollgate/domain/period';
import type { EntityManager } from 'typeorm';
import { makeMonthsOf } from '../ledger/months.ts';
import { republish } from '../limits/republish.ts';
import { scopeKindOf } from '../scopes/scope-row.ts';
import { lockScopes } from '../scopes/sql/lock-scopes.ts';
import { addTotals } from '../totals/sql/add-totals.ts';
import type { AllowanceRow } from './allowance-row.ts';
import { appendCharges, type Charge } from './sql/append-charges.ts';

/** What a step changes in what a scope is charged; `null` where nothing. */
export function chargeOf(row: AllowanceRow, { charge }: Step, reason: string): Charge | null {
  if (charge.cost === 0n && charge.tokens === 0n) return null;
  const { startMs, endMs } = row.period;
  const lastMs = endMs === null ? row.heardMs : Math.min(row.heardMs, endMs - 1);
  return {
    scope: scopeKindOf(row.scopeId),
    scopeId: row.scopeId,
    allowanceId: row.id,
    generation: row.generation,
    atMs: Math.max(lastMs, startMs ?? lastMs),
    amounts: charge,
    reason: `${row.id} of ${row.holder.instance}: ${reason}`,
  };
}

/**
 * Writes charges into the ledger, counts each on its one scope, and publishes the meters as they are then, in the
 * caller's transaction and under its locks of the scopes.
 */
export async function applyCharges(
  sql: EntityManager,
  charges: readonly Charge[],
  nowMs: number,
): Promise<void> {
  if (charges.length === 0) return;
  await makeMonthsOf(
    sql,
    charges.map(({ atMs }) => atMs),
  );
  await appendCharges(sql, charges);
  const scopes = await lockScopes(sql, distinct(charges));
  const deltas = charges.map(({ scope, scopeId, generation, atMs, amounts }) => {
    const { resetPeriod, timezone } = scopes.get(scopeId)!;
    const period = periodAt(atMs, resetPeriod, timezone);
    return { scope, scopeId, generation, period, added: { ...amounts, requests: 0n } };
  });
  // One by one: two charges of a scope may be of one period, and an upsert takes each row once.
  for (const delta of deltas) {
    await addTotals(sql, [delta], ({ scopeId, generation }) => generation < scopes.get(scopeId)!.generation);
  }
  await republish(sql, [...scopes.values()], 'usage', nowMs);
}

const distinct = (charges: readonly Charge[]) => [
  ...new Map(charges.map(({ scope, scopeId }) => [scopeId, { scope, scopeId }])).values(),
];
