import { UNLIMITED } from '@tollgate/contracts/limits';
import { type BacktestAnswer, type BacktestBody } from '@tollgate/contracts/operations-http';
import { spanOf } from '@tollgate/contracts/span';
import { Backtest, type BacktestedPeriod, type PastAttempt } from '@tollgate/domain/metering/backtest';
import { countedLimits } from '@tollgate/domain/metering/meter';
import { toPeriodData } from '@tollgate/domain/period';
import type { Sql } from '@tollgate/service-kit/postgres';
import { pagesByTime } from '../ledger/pages-by-time.ts';
import { toCount, toUsd } from '../limits/limit-event.ts';
import { scopeKindOf } from '../scopes/scope-row.ts';
import { readAttempts } from './sql/read-attempts.ts';

const PAGE = 5_000;
const MOST_PERIODS = 1_000;

/** What limits would have refused of a scope's past, and when; reads the ledger, changes nothing. */
export async function backtest(sql: Sql, body: BacktestBody, nowMs: number): Promise<BacktestAnswer> {
  const span = spanOf(body, nowMs);
  const of = { scope: scopeKindOf(body.scope_id), scopeId: body.scope_id };
  const limits = { ...UNLIMITED, ...withoutUndefined(body.limits) };
  const run = new Backtest({
    ...countedLimits(limits),
    requestsPerMinute: limits.requests_per_minute,
    resetPeriod: limits.reset_period,
    timezone: limits.timezone,
  });
  const pages = pagesByTime<PastAttempt>(
    { fromMs: Date.parse(span.from), toMs: Date.parse(span.to), pageSize: PAGE },
    ({ admittedAtMs }) => admittedAtMs,
    ({ after, ...window }) => readAttempts(sql, { ...of, ...window }, after, PAGE),
  );
  for await (const page of pages) for (const attempt of page) run.next(attempt);
  run.end();
  const sum = (count: (period: BacktestedPeriod) => number) =>
    run.periods.reduce((all, period) => all + count(period), 0);
  return {
    ...span,
    requests: sum(({ requests }) => requests),
    refused: sum(({ refused }) => refused),
    refused_by: run.refusals,
    saved: { cost_usd: toUsd(run.saved.cost), tokens: toCount(run.saved.tokens) },
    periods: run.periods.slice(0, MOST_PERIODS).map(toAnswer),
  };
}

const toAnswer = ({ period, requests, refused, firstRefusedAtMs, used }: BacktestedPeriod) => ({
  period: toPeriodData(period),
  requests,
  refused,
  first_refused_at: firstRefusedAtMs === null ? null : new Date(firstRefusedAtMs).toISOString(),
  used: { cost_usd: toUsd(used.cost), tokens: toCount(used.tokens) },
});

type Defined<T> = { [Field in keyof T]?: Exclude<T[Field], undefined> };
const withoutUndefined = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
