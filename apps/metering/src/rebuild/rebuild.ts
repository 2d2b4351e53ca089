import { createHash } from 'node:crypto';
import type { RebuildBody, RebuildProgress, RebuildResult } from '@tollgate/contracts/operations-http';
import { type PeriodTotals, totalsOfQuarters } from '@tollgate/domain/metering/quarter-hours';
import type { DataSource, EntityManager } from 'typeorm';
import { readQuarters } from '../ledger/sql/read-quarters.ts';
import { endPeriods } from '../limits/close-periods.ts';
import { republish } from '../limits/republish.ts';
import { recorded } from '../operations/recorded.ts';
import type { ScopeRow } from '../scopes/scope-row.ts';
import { lockScopes } from '../scopes/sql/lock-scopes.ts';
import { byKind, readScopes } from '../scopes/sql/read-scopes.ts';
import { recount } from '../totals/recount.ts';
import { type RawTotals, TOTALS_COLUMNS, toTotalsRow } from '../totals/totals-row.ts';

const REPAIRED_AT_ONCE = 50;
const MOST_IDS_TOLD = 100;

/**
 * Adds the ledger up anew and compares that with the totals that are kept. Both are read from one snapshot, so
 * records may go on being counted meanwhile: what is compared belongs together, and nobody waits.
 *
 * With `repair`, each scope that differs is then counted anew under its lock and its meter published: its totals
 * change from one to the other in one transaction, with whatever was counted since the snapshot.
 */
export function rebuild(
  db: DataSource,
  { repair, actor }: RebuildBody,
  nowMs: number,
): AsyncGenerator<RebuildProgress, RebuildResult> {
  return recorded(db, { kind: 'rebuild', actor, parameters: { repair } }, addUp(db, repair, nowMs));
}

async function* addUp(
  db: DataSource,
  repair: boolean,
  nowMs: number,
): AsyncGenerator<RebuildProgress, RebuildResult> {
  const { differing, ...compared } = yield* compare(db);
  let repaired = 0;
  for (let at = 0; repair && at < differing.length; at += REPAIRED_AT_ONCE) {
    const some = differing.slice(at, at + REPAIRED_AT_ONCE);
    await db.transaction((sql) => setRight(sql, some, nowMs));
    repaired += some.length;
  }
  return {
    ...compared,
    equal: compared.kept_sha256 === compared.ledger_sha256,
    differing: differing.length,
    differing_ids: differing.slice(0, MOST_IDS_TOLD).map(({ scopeId }) => scopeId),
    repaired,
  };
}

interface Compared extends Pick<RebuildResult, 'scopes' | 'records' | 'kept_sha256' | 'ledger_sha256'> {
  readonly differing: readonly ScopeRow[];
}

async function* compare(db: DataSource): AsyncGenerator<RebuildProgress, Compared> {
  const runner = db.createQueryRunner();
  try {
    await runner.startTransaction('REPEATABLE READ');
    const sql = runner.manager;
    // The ledger may take longer to add up than a request may take, and who watches may be slow.
    await sql.query('SET LOCAL statement_timeout = 0');
    await sql.query('SET LOCAL idle_in_transaction_session_timeout = 600000');
    const scopes = await readScopes(sql);
    const keptHash = createHash('sha256');
    const ledgerHash = createHash('sha256');
    const differing: ScopeRow[] = [];
    let records = 0;
    for (const some of byKind(scopes)) {
      const kept = await readAll(sql, 'totals', some);
      const opening = await readAll(sql, 'opening_balances', some);
      const ids = some.map(({ scopeId }) => scopeId);
      const ledger = await readQuarters(sql, some[0]!.scope, ids);
      if (some[0]!.scope === 'organization') records = ledger.records;
      for (const scope of some) {
        const { scopeId } = scope;
        const added = totalsOfQuarters(ledger.quarters.get(scopeId) ?? [], scope, opening.get(scopeId));
        const [is, shouldBe] = [canonical(scopeId, kept.get(scopeId) ?? []), canonical(scopeId, added)];
        keptHash.update(is);
        ledgerHash.update(shouldBe);
        if (is !== shouldBe) differing.push(scope);
      }
      yield { scopes: scopes.indexOf(some.at(-1)!) + 1, of: scopes.length };
    }
    const [kept_sha256, ledger_sha256] = [keptHash.digest('hex'), ledgerHash.digest('hex')];
    return { scopes: scopes.length, records, kept_sha256, ledger_sha256, differing };
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  }
}

async function readAll(
  sql: EntityManager,
  table: 'totals' | 'opening_balances',
  scopes: readonly ScopeRow[],
): Promise<Map<string, PeriodTotals[]>> {
  const rows: RawTotals[] = await sql.query(
    `SELECT ${TOTALS_COLUMNS} FROM ${table} WHERE scope_id = ANY($1)`,
    [scopes.map(({ scopeId }) => scopeId)],
  );
  const byScope = new Map<string, PeriodTotals[]>();
  for (const row of rows.map(toTotalsRow)) {
    const sofar = byScope.get(row.scopeId);
    if (sofar) sofar.push(row);
    else byScope.set(row.scopeId, [row]);
  }
  return byScope;
}

/** Totals as text that is the same for the same totals, byte for byte. */
const canonical = (scopeId: string, totals: readonly PeriodTotals[]): string =>
  totals
    .map(({ generation, period: { id, startMs, endMs }, used: { cost, tokens, requests } }) =>
      [scopeId, generation, id, startMs, endMs, cost, tokens, requests].join(' '),
    )
    .sort()
    .map((line) => `${line}\n`)
    .join('');

async function setRight(sql: EntityManager, scopes: readonly ScopeRow[], nowMs: number): Promise<void> {
  const locked = [...(await lockScopes(sql, scopes)).values()];
  // Periods that ended unnoticed are told of as they were kept, and then no more.
  const resets = await endPeriods(sql, locked, nowMs);
  for (const scope of locked) await recount(sql, scope, nowMs);
  await republish(sql, locked, 'usage', nowMs, resets);
}
