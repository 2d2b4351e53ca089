import type {
  Amounts,
  StatementAnswer,
  StatementLine,
  StatementQuery,
} from '@tollgate/contracts/metering-http';
import { NO_USE, plus, type Totals } from '@tollgate/domain/metering/meter';
import { periodAt, toPeriodData } from '@tollgate/domain/period';
import type { DataSource } from 'typeorm';
import { toCount, toUsd } from '../limits/limit-event.ts';
import { findScopes } from '../meters/sql/find-scopes.ts';
import { scopeKindOf, unknownScope } from '../scopes/scope-row.ts';
import { readOpening } from '../totals/sql/read-opening.ts';
import { readTotals } from '../totals/sql/read-totals.ts';
import { totalsKey } from '../totals/totals-row.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { type Place, type RawLine, readLines, type StatementScope, sumUntil } from './sql/read-lines.ts';

/**
 * The records behind a meter, with a balance that runs from the opening balance to the meter. All of a page is of
 * one snapshot; the sums before it are added up anew for each page, so that a record that comes late, with an
 * instant before the page, is in its balances.
 */
export async function readStatement(
  db: DataSource,
  scopeId: string,
  query: StatementQuery,
  nowMs: number,
): Promise<StatementAnswer> {
  const after = query.cursor === undefined ? null : readCursor(query.cursor);
  return db.transaction('REPEATABLE READ', async (sql) => {
    const scope =
      (await findScopes(sql, [scopeId])).get(scopeId) ?? unknownScope(scopeKindOf(scopeId), scopeId);
    const atMs = query.at === undefined ? nowMs : Date.parse(query.at);
    const of: StatementScope = {
      scope: scope.scope,
      scopeId,
      generation: query.generation ?? scope.generation,
      period: periodAt(atMs, scope.resetPeriod, scope.timezone),
    };
    const opening = (await readOpening(sql, scopeId))
      .filter(({ generation, period }) => generation === of.generation && period.id === of.period.id)
      .reduce((sum, { used }) => plus(sum, used), NO_USE);
    const lines = await readLines(sql, of, after, query.limit + 1);
    const shown = lines.slice(0, query.limit);
    const before = after ? plus(opening, await sumUntil(sql, of, after)) : opening;
    const totals = await readTotals(sql, [of]);
    return {
      scope: of.scope,
      scope_id: scopeId,
      period: toPeriodData(of.period),
      generation: of.generation,
      opening: toAmounts(opening),
      data: shown.map((line) => toLine(line, before)),
      meter: toAmounts(totals.get(totalsKey(of)) ?? NO_USE),
      next_cursor: lines.length > shown.length ? writeCursor(placeOf(shown.at(-1)!)) : null,
    };
  });
}

const toAmounts = ({ cost, tokens, requests }: Totals): Amounts => ({
  cost_usd: toUsd(cost),
  tokens: toCount(tokens),
  requests: toCount(requests),
});

const placeOf = ({ admitted_at, id }: RawLine): Place => ({ atMs: admitted_at.getTime(), id });

function toLine(
  { cost_so_far, tokens_so_far, requests_so_far, ...line }: RawLine,
  before: Totals,
): StatementLine {
  const { cost, tokens, admitted_at, recorded_at, ...told } = line;
  const soFar = {
    cost: BigInt(cost_so_far),
    tokens: BigInt(tokens_so_far),
    requests: BigInt(requests_so_far),
  };
  return {
    ...told,
    admitted_at: admitted_at.toISOString(),
    recorded_at: recorded_at.toISOString(),
    cost_usd: cost === null ? null : toUsd(BigInt(cost)),
    tokens: Number(tokens),
    balance: toAmounts(plus(before, soFar)),
  };
}
