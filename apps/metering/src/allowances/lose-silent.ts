import { fate, lose } from '@tollgate/domain/allowance/end';
import type { DataSource, EntityManager } from 'typeorm';
import { scopeKindOf } from '../scopes/scope-row.ts';
import { lockScopes } from '../scopes/sql/lock-scopes.ts';
import { applyCharges, chargeOf } from './charge.ts';
import { databaseClock } from './sql/database-clock.ts';
import { lockAllowances } from './sql/read-allowances.ts';
import { saveAllowances } from './sql/save-allowances.ts';
import {
  forgetAllowances,
  forgetHolders,
  forgetSettled,
  forgetShares,
  scopesOfSilent,
} from './sql/silent.ts';

const SCOPES_AT_ONCE = 200;

/**
 * Forgets what is settled, and declares lost what no gateway has spoken of for so long: it is charged in full, since
 * nobody can say that it was not used. Records that come all the same take that off again.
 *
 * @returns how many allowances were lost
 */
export async function loseSilent(
  db: DataSource,
  loseAfterMs: number,
  clock = databaseClock,
): Promise<number> {
  const nowMs = await clock(db.manager);
  await forgetSettled(db.manager);
  await forgetShares(db.manager, nowMs);
  await forgetHolders(db.manager, nowMs);
  let lost = 0;
  for (;;) {
    const scopeIds = await scopesOfSilent(db.manager, nowMs - loseAfterMs, SCOPES_AT_ONCE);
    if (scopeIds.length === 0) return lost;
    const isLost = (row: Parameters<typeof fate>[0]) => fate(row, nowMs, loseAfterMs);
    lost += await db.transaction((sql) =>
      loseIn(sql, scopeIds, isLost, 'its gateway was not heard any more', nowMs),
    );
  }
}

/** Declares lost, or forgets, the allowances of scopes as they are judged, in the caller's transaction. */
export async function loseIn(
  sql: EntityManager,
  scopeIds: readonly string[],
  fateOf: (row: Parameters<typeof fate>[0]) => ReturnType<typeof fate>,
  reason: string,
  nowMs: number,
): Promise<number> {
  await lockScopes(
    sql,
    scopeIds.map((scopeId) => ({ scope: scopeKindOf(scopeId), scopeId })),
  );
  const rows = await lockAllowances(sql, scopeIds);
  const steps = rows.filter((row) => fateOf(row) === 'lost').map((row) => ({ row, step: lose(row) }));
  await saveAllowances(
    sql,
    steps.map(({ row, step }) => ({ ...step.allowance, scopeId: row.scopeId })),
  );
  await forgetAllowances(
    sql,
    rows.filter((row) => fateOf(row) === 'forgotten').map(({ id }) => id),
  );
  const charges = steps.flatMap(({ row, step }) => chargeOf(row, step, reason) ?? []);
  await applyCharges(sql, charges, nowMs);
  return steps.length;
}
