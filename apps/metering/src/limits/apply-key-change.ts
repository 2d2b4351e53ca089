import type { KeyChanged } from '@tollgate/contracts/events';
import { countedLimits, NO_USE } from '@tollgate/domain/metering/meter';
import { knowsTimeZone, periodAt } from '@tollgate/domain/period';
import type { DataSource, EntityManager } from 'typeorm';
import { meterOf, type ScopeRow } from '../scopes/scope-row.ts';
import { lockScopes } from '../scopes/sql/lock-scopes.ts';
import { saveSettings } from '../scopes/sql/save-scopes.ts';
import { closeGenerations } from '../totals/sql/close-totals.ts';
import { dropOpenTotals, type Recount, recountTotals } from '../totals/sql/recount-totals.ts';
import { endedMeter } from './close-periods.ts';
import { type Notice, resetNotice } from './notice.ts';
import { republish } from './republish.ts';

/**
 * Takes over what key-admin says of a key. A change of its period is counted anew from the ledger; a change of
 * its limits is judged and published at once; a new generation is a meter at zero. The ledger is not touched.
 *
 * @returns `false` where this or a later version was applied before
 */
export function applyKeyChange(db: DataSource, changed: KeyChanged, nowMs: number): Promise<boolean> {
  return db.transaction(async (sql) => {
    const scopeId = changed.state.id;
    const before = (await lockScopes(sql, [{ scope: 'key', scopeId }])).get(scopeId)!;
    if (changed.version <= before.version) return false;

    const scope = merge(before, changed);
    await saveSettings(sql, scope);
    const recurs = before.resetPeriod !== scope.resetPeriod || before.timezone !== scope.timezone;
    const resets = await closeFormerGenerations(sql, before, scope, nowMs);
    // Readers count zero until they see a meter, so a key that was never used needs none.
    const isUsed = scope.lastUsedMs !== null || scope.published !== null;
    if (recurs && isUsed) await recountOpen(sql, scope, nowMs);

    const changes = recurs || before.limitRevision !== scope.limitRevision || resets.length > 0;
    if (changes && (isUsed || resets.length > 0)) {
      const reason = resets.length > 0 ? 'manual' : 'limit_changed';
      await republish(sql, [scope], reason, nowMs, new Map([[scopeId, resets]]));
    }
    return true;
  });
}

function merge(before: ScopeRow, { version, state }: KeyChanged): ScopeRow {
  const { reset_period, timezone } = state.limits;
  const recurs = before.resetPeriod !== reset_period || before.timezone !== timezone;
  return {
    ...before,
    version,
    teamId: state.team_id,
    resetPeriod: reset_period,
    // A zone that this process's data lacks must not stop the fold of all keys.
    timezone: knowsTimeZone(timezone) ? timezone : 'UTC',
    limits: countedLimits(state.limits),
    limitRevision: state.limit_revision,
    generation: state.generation,
    recurrenceChanged: before.recurrenceChanged || (recurs && before.lastUsedMs !== null),
  };
}

/** Counts from the ledger what was used in the period that counts now, and what was admitted ahead of it. */
async function recountOpen(sql: EntityManager, scope: ScopeRow, nowMs: number): Promise<void> {
  const generations = new Set([scope.generation, ...(await dropOpenTotals(sql, scope.scopeId, nowMs))]);
  const { resetPeriod, timezone } = scope;
  const current = periodAt(nowMs, resetPeriod, timezone);
  const periods = [current];
  if (current.endMs !== null) periods.push(periodAt(current.endMs, resetPeriod, timezone));
  const wanted = periods.flatMap((period) =>
    [...generations].map((generation): Recount => {
      return { scopeId: scope.scopeId, generation, period, closed: generation < scope.generation };
    }),
  );
  await recountTotals(sql, wanted);
}

/** A manual reset ends a generation within its period: one `limit.reset`, also where nothing was used. */
async function closeFormerGenerations(
  sql: EntityManager,
  before: ScopeRow,
  scope: ScopeRow,
  nowMs: number,
): Promise<Notice[]> {
  if (scope.generation <= before.generation) return [];
  const closed = await closeGenerations(sql, scope.scopeId, scope.generation, nowMs);
  const ended = closed.map((totals) => endedMeter(scope, totals, nowMs));
  const wasKnown = before.version > 0;
  if (ended.length === 0 && wasKnown) {
    ended.push({ ...meterOf(scope, nowMs, NO_USE), generation: before.generation });
  }
  return ended.map((meter) => resetNotice(meter, 'manual'));
}
