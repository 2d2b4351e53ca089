import { finish, finishShare } from '@tollgate/domain/allowance/end';
import type { Holder } from '@tollgate/domain/allowance/holder';
import type { DataSource, EntityManager } from 'typeorm';
import { scopeKindOf } from '../scopes/scope-row.ts';
import { lockScopes } from '../scopes/sql/lock-scopes.ts';
import { applyCharges, chargeOf } from './charge.ts';
import { countAdmitted } from './sql/count-admitted.ts';
import { databaseClock } from './sql/database-clock.ts';
import { type Finished, forgetFinished, readFinished, scopesOfFinished } from './sql/finished.ts';
import { lockAllowances, readShares } from './sql/read-allowances.ts';
import { saveAllowances, saveShares } from './sql/save-allowances.ts';

const SCOPES_AT_ONCE = 200;

/**
 * Frees what gateways had that have ended, once all their records were counted: of cost and tokens what they did not
 * use, of the window all but what they admitted in the last 60 s.
 *
 * @returns how many scopes were freed
 */
export async function finishHolders(db: DataSource, clock = databaseClock): Promise<number> {
  let freed = 0;
  for (const finished of await readFinished(db.manager)) {
    for (;;) {
      const scopeIds = await scopesOfFinished(db.manager, finished, await clock(db.manager), SCOPES_AT_ONCE);
      if (scopeIds.length === 0) break;
      await db.transaction((sql) => freeIn(sql, scopeIds, finished, clock));
      freed += scopeIds.length;
    }
    await forgetFinished(db.manager, finished);
  }
  return freed;
}

async function freeIn(
  sql: EntityManager,
  scopeIds: readonly string[],
  { instance, before }: Finished,
  clock: typeof databaseClock,
): Promise<void> {
  await lockScopes(
    sql,
    scopeIds.map((scopeId) => ({ scope: scopeKindOf(scopeId), scopeId })),
  );
  const nowMs = await clock(sql);
  const isEnded = ({ holder }: { holder: Holder }) =>
    holder.instance === instance && holder.incarnation < before;
  const rows = (await lockAllowances(sql, scopeIds)).filter(isEnded);
  const steps = rows.map((row) => ({ row, step: finish(row) }));
  await saveAllowances(
    sql,
    steps.map(({ row, step }) => ({ ...step.allowance, scopeId: row.scopeId })),
  );
  const shares = (await readShares(sql, scopeIds)).filter(isEnded);
  const finishedShares = [];
  for (const share of shares) {
    const admitted = await countAdmitted(sql, share.scopeId, instance, nowMs);
    finishedShares.push({ ...finishShare(share, admitted, nowMs), scopeId: share.scopeId });
  }
  await saveShares(sql, finishedShares);
  const charges = steps.flatMap(({ row, step }) => chargeOf(row, step, 'all its records came') ?? []);
  await applyCharges(sql, charges, nowMs);
}
