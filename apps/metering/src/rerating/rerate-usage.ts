import type { UsageAdjusted } from '@tollgate/contracts/events';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { formatUsd } from '@tollgate/contracts/money';
import type { ReratingBody, ReratingProgress, ReratingResult } from '@tollgate/contracts/operations-http';
import { type Rerating, rerate } from '@tollgate/domain/metering/rerate';
import type { PriceBook } from '@tollgate/prices/price-book';
import { newId } from '@tollgate/service-kit/ids';
import type { DataSource, EntityManager } from 'typeorm';
import { applyCorrections, lockCorrections } from '../corrections/apply-corrections.ts';
import { pagesByTime } from '../ledger/pages-by-time.ts';
import { recorded } from '../operations/recorded.ts';
import { scopeKindOf } from '../scopes/scope-row.ts';
import { ReratedDays } from './rerated-days.ts';
import { type RatedRecord, type RatedSpan, readRated } from './sql/read-rated.ts';

const PAGE = 1_000;

/**
 * Rates the attempts of a span by another price book. What one should have cost more or less becomes a correction
 * with its instant and generations, so that it counts where the attempt counts, closed periods included; records
 * stay as they were. Each page is a transaction that sees the corrections before it: done again, or after a crash,
 * it goes on where it was, and corrects nothing twice.
 */
export function rerateUsage(
  db: DataSource,
  body: ReratingBody,
  prices: PriceBook,
  nowMs: number,
): AsyncGenerator<ReratingProgress, ReratingResult> {
  const { actor, ...parameters } = body;
  const operation = {
    kind: 'rerate',
    actor,
    parameters: { ...parameters, price_version: prices.version },
  } as const;
  return recorded(db, operation, rerateSpan(db, body, prices, nowMs));
}

async function* rerateSpan(
  db: DataSource,
  body: ReratingBody,
  prices: PriceBook,
  nowMs: number,
): AsyncGenerator<ReratingProgress, ReratingResult> {
  const { scope_id: scopeId = ORGANIZATION_ID, provider = null, model = null } = body;
  const [from, to] = [Date.parse(body.from), body.to === undefined ? nowMs : Date.parse(body.to)];
  const of = { scope: scopeKindOf(scopeId), scopeId, provider, model };
  const days = new ReratedDays();
  const pages = pagesByTime<Rated>(
    { fromMs: from, toMs: to, pageSize: PAGE },
    ({ record }) => record.admittedAtMs,
    async ({ after, ...window }) => {
      const span = { ...of, ...window };
      return body.apply
        ? db.transaction((sql) => correctPage(sql, span, after, prices, body, nowMs))
        : rate(await readRated(db.manager, span, after?.record ?? null, PAGE), prices);
    },
  );
  for await (const page of pages) {
    for (const { record, rerating } of page) days.add(record, rerating);
    yield { records: days.records, until: new Date(page.at(-1)!.record.admittedAtMs).toISOString() };
  }
  return {
    price_version: prices.version,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...days.result(),
    corrected: body.apply ? days.differing : 0,
  };
}

interface Rated {
  readonly record: RatedRecord;
  readonly rerating: Rerating;
}

const rate = (records: readonly RatedRecord[], prices: PriceBook): Rated[] =>
  records.map((record) => ({
    record,
    rerating: rerate(record, prices.priceOf(record.provider, record.upstream_model, record.admittedAtMs)),
  }));

async function correctPage(
  sql: EntityManager,
  of: RatedSpan,
  after: Rated | null,
  prices: PriceBook,
  { reason = '', actor }: ReratingBody,
  nowMs: number,
): Promise<Rated[]> {
  // What another re-rating corrects meanwhile would be corrected twice.
  await lockCorrections(sql);
  const page = rate(await readRated(sql, of, after?.record ?? null, PAGE), prices);
  const made = { actor, reason, price_version: prices.version, recorded_at: new Date(nowMs).toISOString() };
  await applyCorrections(
    sql,
    page.flatMap(({ record, rerating }) => {
      const difference = rerating.outcome === 'rated' ? rerating.is - rerating.was : 0n;
      return difference === 0n ? [] : [correctionOf(record, difference, made)];
    }),
    nowMs,
  );
  return page;
}

const correctionOf = (
  { id, key_id, team_id, generations, provider, model, admittedAtMs }: RatedRecord,
  difference: bigint,
  made: Pick<UsageAdjusted, 'actor' | 'reason' | 'price_version' | 'recorded_at'>,
): UsageAdjusted => ({
  id: newId('adj'),
  kind: 'rerating',
  adjusts: id,
  key_id,
  team_id,
  admitted_at: new Date(admittedAtMs).toISOString(),
  generations,
  provider,
  model,
  tokens: 0,
  cost_usd: formatUsd(difference),
  ...made,
});
