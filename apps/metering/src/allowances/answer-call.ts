import type { AllowanceAsk, AllowanceGrant, AllowancesBody } from '@tollgate/contracts/allowances-http';
import { TollgateError } from '@tollgate/contracts/errors';
import { formatUsd, parseUsd } from '@tollgate/contracts/money';
import type { Ask } from '@tollgate/domain/allowance/ask';
import type { ScopeBook } from '@tollgate/domain/allowance/book';
import { type Decision, decide, withDecision } from '@tollgate/domain/allowance/decide';
import { NO_USE } from '@tollgate/domain/metering/meter';
import { type Period, periodAt } from '@tollgate/domain/period';
import { newId } from '@tollgate/service-kit/ids';
import type { DataSource, EntityManager } from 'typeorm';
import { toCount } from '../limits/limit-event.ts';
import { republish } from '../limits/republish.ts';
import { type ScopeRow, scopeKindOf } from '../scopes/scope-row.ts';
import { lockScopes } from '../scopes/sql/lock-scopes.ts';
import { readTotals } from '../totals/sql/read-totals.ts';
import { totalsKey } from '../totals/totals-row.ts';
import type { AllowanceRow, ShareRow } from './allowance-row.ts';
import { countLive } from './sql/count-live.ts';
import { databaseClock } from './sql/database-clock.ts';
import { hearCall } from './sql/hear-call.ts';
import { noteRecalls } from './sql/note-recalls.ts';
import { lockAllowances, readShares } from './sql/read-allowances.ts';
import { saveAllowances, saveShares } from './sql/save-allowances.ts';

/** What was decided of a call; answers in the order of its asks. */
export interface CallOutcome {
  readonly answers: readonly AllowanceGrant[];
  readonly decisions: readonly Decision[];
  /** Asks that kept more than was granted: a provider counted beyond what was held. */
  readonly overdrawn: number;
}

/**
 * Answers a gateway, in one transaction:
 * 1. its call is noted, and refused where a later one was heard: what was given up in between may be another's;
 * 2. the scopes are locked, key → team → organization, as the fold locks them: what is settled and what is outstanding
 *    of them are of one moment;
 * 3. each ask is decided, on what those before it left;
 * 4. meters of scopes that somebody lacks tell the others so, at once.
 *
 * @throws TollgateError `stale_call`
 */
export function answerCall(
  db: DataSource,
  body: AllowancesBody,
  clock = databaseClock,
): Promise<CallOutcome> {
  return db.transaction(async (sql) => {
    const { instance, incarnation, call, asks } = body;
    const holder = { instance, incarnation };
    if (!(await hearCall(sql, holder, call, await clock(sql)))) {
      throw new TollgateError(
        'stale_call',
        'A later call of this gateway was heard: this one changes nothing.',
      );
    }
    const scopeIds = [...new Set(asks.map(({ scope_id }) => scope_id))];
    const scopes = await lockScopes(
      sql,
      scopeIds.map((scopeId) => ({ scope: scopeKindOf(scopeId), scopeId })),
    );
    const nowMs = await clock(sql);
    const live = Math.max(body.live, await countLive(sql, nowMs));
    const said = asks.map((ask) => toAsk(ask, scopes.get(ask.scope_id)!, holder, live));
    const places = said.map(({ period }, index) => ({ ...scopes.get(asks[index]!.scope_id)!, period }));
    const books = await openBooks(sql, scopes, places);
    return decideAll(sql, { said, asks, scopes, books, nowMs });
  });
}

function toAsk(ask: AllowanceAsk, scope: ScopeRow, holder: Ask['holder'], live: number): Ask {
  return {
    holder,
    live,
    period: periodAt(Date.parse(ask.at), scope.resetPeriod, scope.timezone),
    periodId: ask.period_id,
    generation: ask.generation,
    limitRevision: ask.limit_revision,
    allowanceId: ask.allowance_id,
    keeps: toAmounts(ask.keeps),
    uses: toAmounts(ask.uses),
    needs: toAmounts(ask.needs),
    requests: ask.requests,
    wants: ask.wants,
  };
}

const toAmounts = ({ cost_usd, tokens }: AllowanceAsk['keeps']) => ({
  cost: parseUsd(cost_usd),
  tokens: BigInt(tokens),
});

type Books = Map<string, Omit<ScopeBook, 'settled'>>;

async function openBooks(
  sql: EntityManager,
  scopes: ReadonlyMap<string, ScopeRow>,
  places: readonly (ScopeRow & { readonly period: Period })[],
): Promise<{ books: Books; settled: Awaited<ReturnType<typeof readTotals>> }> {
  const ids = [...scopes.keys()];
  const allowances = await lockAllowances(sql, ids);
  const shares = await readShares(sql, ids);
  const books: Books = new Map();
  for (const scope of scopes.values()) {
    const { scopeId, limits, requestLimit, isHard, limitRevision, generation, recalledMs } = scope;
    books.set(scopeId, {
      limits: { ...limits, requests: requestLimit },
      hard: isHard,
      limitRevision,
      generation,
      allowances: allowances.filter((one) => one.scopeId === scopeId),
      shares: shares.filter((one) => one.scopeId === scopeId),
      recalledMs,
    });
  }
  const wanted = new Map(places.map((place) => [totalsKey(place), place]));
  return { books, settled: await readTotals(sql, [...wanted.values()]) };
}

interface Undecided {
  readonly said: readonly Ask[];
  readonly asks: readonly AllowanceAsk[];
  readonly scopes: ReadonlyMap<string, ScopeRow>;
  readonly books: Awaited<ReturnType<typeof openBooks>>;
  readonly nowMs: number;
}

async function decideAll(
  sql: EntityManager,
  { said, asks, scopes, books: { books, settled }, nowMs }: Undecided,
): Promise<CallOutcome> {
  const allowances = new Map<string, AllowanceRow & { revision: number }>();
  const shares = new Map<string, ShareRow>();
  const recalled = new Set<string>();
  const decisions: Decision[] = [];
  let overdrawn = 0;
  for (const [index, ask] of said.entries()) {
    const scopeId = asks[index]!.scope_id;
    const { generation, limitRevision } = scopes.get(scopeId)!;
    const { cost, tokens } = settled.get(totalsKey({ scopeId, generation, period: ask.period })) ?? NO_USE;
    const book = { ...books.get(scopeId)!, settled: { cost, tokens } };
    if (isOverdrawn(book, ask)) overdrawn += 1;
    const decision = decide(book, ask, newId('alw'), nowMs);
    books.set(scopeId, withDecision(book, ask, decision, nowMs));
    decisions.push(decision);
    const { allowance, share, added, recalls } = decision;
    const isMore = added.cost > 0n || added.tokens > 0n;
    if (allowance) {
      allowances.set(allowance.id, { ...allowance, scopeId, revision: isMore ? limitRevision : 0 });
    }
    if (share) shares.set(scopeId, { ...share, scopeId });
    if (recalls) recalled.add(scopeId);
  }
  await saveAllowances(sql, [...allowances.values()]);
  await saveShares(sql, [...shares.values()]);
  await recall(sql, [...recalled], scopes, nowMs);
  const answers = decisions.map((decision, index) => toGrant(asks[index]!.scope_id, decision));
  return { answers, decisions, overdrawn };
}

function isOverdrawn({ allowances, limits }: ScopeBook, { allowanceId, keeps }: Ask): boolean {
  const known = allowances.find(({ id }) => id === allowanceId);
  if (!known) return false;
  const isBeyond = (what: 'cost' | 'tokens') => limits[what] !== null && keeps[what] > known.granted[what];
  return isBeyond('cost') || isBeyond('tokens');
}

async function recall(
  sql: EntityManager,
  scopeIds: readonly string[],
  scopes: ReadonlyMap<string, ScopeRow>,
  nowMs: number,
): Promise<void> {
  if (scopeIds.length === 0) return;
  await noteRecalls(sql, scopeIds, nowMs);
  const recalled = scopeIds.map((id) => ({ ...scopes.get(id)!, recall: scopes.get(id)!.recall + 1 }));
  await republish(sql, recalled, 'usage', nowMs);
}

const toGrant = (scopeId: string, decision: Decision): AllowanceGrant => ({
  scope_id: scopeId,
  outcome: decision.outcome,
  allowance_id: decision.allowance?.id ?? null,
  granted: {
    cost_usd: formatUsd(decision.spendable.cost),
    tokens: toCount(decision.spendable.tokens),
  },
  share: decision.share?.size ?? 0,
  more: decision.more,
  again_ms: decision.againMs,
});
