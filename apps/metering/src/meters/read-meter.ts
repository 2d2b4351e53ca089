import type { Meter, MeterAnswer, MetersAnswer } from '@tollgate/contracts/metering-http';
import { blockedDimensions, type ScopeMeter } from '@tollgate/domain/metering/meter';
import { toPeriodData } from '@tollgate/domain/period';
import type { Sql } from '@tollgate/service-kit/postgres';
import { toCount, toUsd } from '../limits/limit-event.ts';
import { meterOf, scopeKindOf, unknownScope } from '../scopes/scope-row.ts';
import { readTotals } from '../totals/sql/read-totals.ts';
import { totalsKey } from '../totals/totals-row.ts';
import { findScopes } from './sql/find-scopes.ts';
import { readHistory } from './sql/read-history.ts';

const HISTORY_ENTRIES = 50;

/** Scopes' meters in the periods that count at `nowMs`; zero of a scope that metering has not heard of. */
export async function readMeters(
  sql: Sql,
  scopeIds: readonly string[],
  nowMs: number,
): Promise<MetersAnswer['data']> {
  const known = await findScopes(sql, scopeIds);
  const scopes = scopeIds.map((scopeId) => known.get(scopeId) ?? unknownScope(scopeKindOf(scopeId), scopeId));
  const unused = scopes.map((scope) => meterOf(scope, nowMs));
  const totals = await readTotals(sql, unused);
  return scopes.map((scope, i) => {
    const meter = unused[i]!;
    return {
      meter: toMeter({ ...meter, used: totals.get(totalsKey(meter)) ?? meter.used }, nowMs),
      last_used_at: scope.lastUsedMs === null ? null : new Date(scope.lastUsedMs).toISOString(),
    };
  });
}

/** {@link readMeters} of one scope, with its latest warnings, breaches and resets. */
export async function readMeter(sql: Sql, scopeId: string, nowMs: number): Promise<MeterAnswer> {
  const [answer] = await readMeters(sql, [scopeId], nowMs);
  return { ...answer!, history: await readHistory(sql, scopeId, HISTORY_ENTRIES) };
}

function toMeter(meter: ScopeMeter, nowMs: number): Meter {
  const period = toPeriodData(meter.period);
  return {
    scope: meter.scope,
    scope_id: meter.scopeId,
    period,
    generation: meter.generation,
    limit_revision: meter.limitRevision,
    cost_usd: toUsd(meter.used.cost),
    tokens: toCount(meter.used.tokens),
    requests: toCount(meter.used.requests),
    blocked: blockedDimensions(meter.used, meter.limits),
    resets_at: period.end,
    as_of: new Date(nowMs).toISOString(),
  };
}
