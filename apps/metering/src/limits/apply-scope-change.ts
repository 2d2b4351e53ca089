import { isDeepStrictEqual } from 'node:util';
import type { KeyChanged, OrganizationChanged, TeamChanged } from '@tollgate/contracts/events';
import type { ScopeKind } from '@tollgate/contracts/limits';
import { countedLimits, NO_USE } from '@tollgate/domain/metering/meter';
import { knowsTimeZone } from '@tollgate/domain/period';
import type { DataSource, EntityManager } from 'typeorm';
import { meterOf, type ScopeRow } from '../scopes/scope-row.ts';
import { lockScopes } from '../scopes/sql/lock-scopes.ts';
import { saveSettings } from '../scopes/sql/save-scopes.ts';
import { recount } from '../totals/recount.ts';
import { closeGenerations } from '../totals/sql/close-totals.ts';
import { endedMeter, endPeriods } from './close-periods.ts';
import { type Notice, resetNotice } from './notice.ts';
import { republish } from './republish.ts';

/** What key-admin says of a scope: its limits, period, generation. */
export type ScopeChanged =
  | { readonly scope: 'key'; readonly changed: KeyChanged }
  | { readonly scope: 'team'; readonly changed: TeamChanged }
  | { readonly scope: 'organization'; readonly changed: OrganizationChanged };

/** Whether a version that was applied is taken over again where it says something else than what is known. */
export interface Again {
  readonly anew: boolean;
}
const ONCE: Again = { anew: false };

/**
 * Takes over what key-admin says of a scope. A change of its period is counted anew from the ledger; a change of
 * its limits is judged and published at once; a new generation is a meter at zero. The ledger is not touched.
 *
 * @returns `false` where this or a later version was applied before
 */
export function applyScopeChange(
  db: DataSource,
  { scope: kind, changed }: ScopeChanged,
  nowMs: number,
  again = ONCE,
): Promise<boolean> {
  return db.transaction(async (sql) => {
    const scopeId = changed.state.id;
    const before = (await lockScopes(sql, [{ scope: kind, scopeId }])).get(scopeId)!;
    const scope = changedScope(before, changed, again);
    if (!scope) return false;

    await saveSettings(sql, scope);
    const recurs = before.resetPeriod !== scope.resetPeriod || before.timezone !== scope.timezone;
    // Periods that ended unnoticed are told of before they are counted otherwise.
    const ends = recurs ? ((await endPeriods(sql, [before], nowMs)).get(scopeId) ?? []) : [];
    const resets = await closeFormerGenerations(sql, before, scope, nowMs);
    // Readers count zero until they see a meter, so a scope that was never used needs none.
    const isUsed = scope.lastUsedMs !== null || scope.published !== null;
    if (recurs && isUsed) await recount(sql, scope, nowMs);

    const notices = [...ends, ...resets];
    const changes = recurs || before.limitRevision !== scope.limitRevision || notices.length > 0;
    if (changes && (isUsed || notices.length > 0)) {
      const reason = resets.length > 0 ? 'manual' : 'limit_changed';
      await republish(sql, [scope], reason, nowMs, new Map([[scopeId, notices]]));
    }
    return true;
  });
}

/** The scope as key-admin says it is; `null` where that was applied before. */
export function changedScope(
  before: ScopeRow,
  changed: ScopeChanged['changed'],
  { anew }: Again,
): ScopeRow | null {
  if (changed.version < before.version) return null;
  const scope = merge(before, changed);
  const isNews = changed.version > before.version || (anew && !isDeepStrictEqual(scope, before));
  return isNews ? scope : null;
}

function merge(before: ScopeRow, { version, state }: ScopeChanged['changed']): ScopeRow {
  const { reset_period, timezone, requests_per_minute, enforcement } = state.limits;
  return {
    ...before,
    version,
    teamId: 'team_id' in state ? state.team_id : null,
    resetPeriod: reset_period,
    // A zone that this process's data lacks must not stop the fold of all keys.
    timezone: knowsTimeZone(timezone) ? timezone : 'UTC',
    limits: countedLimits(state.limits),
    limitRevision: state.limit_revision,
    generation: state.generation,
    requestLimit: requests_per_minute,
    isHard: enforcement === 'hard',
    warningThresholds: 'warning_thresholds' in state ? state.warning_thresholds : null,
  };
}

/** What a record on `keys` says of a scope; `null` of heartbeats. */
export function toScopeChanged(type: string, data: unknown): ScopeChanged | null {
  const kind = KINDS.find((scope) => type.startsWith(`tollgate.${scope}.`));
  return kind ? ({ scope: kind, changed: data } as ScopeChanged) : null;
}
const KINDS: readonly ScopeKind[] = ['key', 'team', 'organization'];

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
