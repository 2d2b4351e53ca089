import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { WARNING_THRESHOLDS } from '@tollgate/domain/metering/breach';
import { foldUsage, scopesOf, scopesOfAll, type UsageDelta } from '@tollgate/domain/metering/fold';
import {
  type Advance,
  advanceOffsets,
  advanceOver,
  lockOffsets,
  topicMadeAnew,
} from '@tollgate/event-store/offsets';
import type { ReceivedEvent } from '@tollgate/kafka/cloud-event';
import type { DataSource, EntityManager } from 'typeorm';
import { foldAllowances } from '../allowances/fold-allowances.ts';
import { ensureMonths } from '../ledger/months.ts';
import { appendUsage } from '../ledger/sql/append-usage.ts';
import { announce, type EventTrace } from '../limits/announce.ts';
import type { ScopeRow } from '../scopes/scope-row.ts';
import { lockScopes } from '../scopes/sql/lock-scopes.ts';
import { addTotals } from '../totals/sql/add-totals.ts';
import { totalsKey } from '../totals/totals-row.ts';
import { consequence, type FoldedTotals } from './consequence.ts';
import { countUnrecorded, findConflicting } from './sql/find-recorded.ts';
import { quarantine } from './sql/quarantine.ts';
import {
  hasScopes,
  type QuarantineReason,
  quarantineReason,
  type UsageEntry,
  usageEntries,
} from './usage-entry.ts';
import { readThrough, USAGE_OFFSETS } from './usage-offsets.ts';

/** A partition's records as they come from the topic: [firstOffset, nextOffset). */
export interface UsageBatch {
  readonly partition: number;
  readonly events: readonly ReceivedEvent[];
  readonly firstOffset: bigint;
  readonly nextOffset: bigint;
}

/** What became of the batches' usage records; together they are all of them. */
export interface FoldOutcome {
  readonly recorded: number;
  readonly duplicates: number;
  readonly quarantined: Readonly<Record<QuarantineReason, number>>;
  /** Folded in an earlier delivery of their batch. */
  readonly alreadyFolded: number;
  /** Ids of duplicates that tell of other usage than the record that counts. */
  readonly conflicting: readonly string[];
}

/**
 * Folds batches of different partitions in one transaction, in this order:
 * 1. the partitions' offsets are locked, and what is below them was folded before;
 * 2. records go to the ledger, which tells the new ones from duplicates, or to quarantine;
 * 3. the scopes are locked, key → team → organization;
 * 4. the new records are added to the totals;
 * 5. warnings, breaches and meters that follow go to the outbox;
 * 6. the offsets move on;
 * 7. what the records used of gateways' allowances is outstanding no more.
 * A failure at any step undoes them all, and the batches are delivered again.
 *
 * @throws FatalConsumerError where a topic is not the one that the offsets in the database are about
 */
export async function foldBatches(
  db: DataSource,
  batches: readonly UsageBatch[],
  nowMs: number,
  trace: EventTrace | null = null,
): Promise<FoldOutcome> {
  await ensureMonths(db, nowMs);
  return db.transaction(async (sql) => {
    const partitions = batches.map(({ partition }) => partition);
    const offsets = await lockOffsets(sql, USAGE_OFFSETS, partitions);
    const parts: Part[] = [];
    for (const batch of batches) parts.push(await split(sql, batch, offsets.get(batch.partition) ?? null));
    const steps = parts.flatMap(({ step }) => step ?? []);
    const fresh = parts.flatMap((part) => part.fresh);
    const alreadyFolded = parts.reduce((sum, { seen }) => sum + seen, 0);

    const { countable, refused } = judge(fresh, nowMs);
    await quarantine(sql, refused, nowMs);
    const recorded = await appendUsage(sql, countable);
    const duplicates = withoutAll(countable, recorded);

    // Those of records that count nothing too: gateways hold their own records as pending until a meter of the
    // scope says that the topic was read that far.
    const touched = scopesOfAll(fresh.filter(hasScopes).map(({ fact }) => fact));
    const scopes = await lockScopes(sql, touched);
    const totals = await fold(sql, recorded, scopes);
    const moved = steps.map(({ partition, to }) => [partition, to.toString()]);
    const { offsets: before, epoch } = await readThrough(sql);
    const through = { offsets: { ...before, ...Object.fromEntries(moved) }, epoch };
    const lastUsed = lastUses(recorded);
    const thresholds = scopes.get(ORGANIZATION_ID)?.warningThresholds ?? WARNING_THRESHOLDS;
    const announcements = [...scopes.values()].map((scope) =>
      consequence(withLastUse(scope, lastUsed), totals.get(scope.scopeId) ?? [], thresholds, nowMs),
    );
    await announce(sql, announcements, through, nowMs, trace);
    await advanceOffsets(sql, USAGE_OFFSETS, steps);
    await foldAllowances(sql, recorded, nowMs);

    return {
      recorded: recorded.length,
      duplicates: duplicates.length,
      quarantined: countReasons(refused),
      alreadyFolded,
      conflicting: await findConflicting(sql, duplicates),
    };
  });
}

/** What of a batch is new, and how its partition moves on; `null` where an earlier delivery moved it further. */
interface Part {
  readonly fresh: readonly UsageEntry[];
  readonly seen: number;
  readonly step: Advance | null;
}

/** Parts what is new from what was folded in an earlier delivery, and makes sure that it really was. */
async function split(sql: EntityManager, batch: UsageBatch, next: bigint | null): Promise<Part> {
  const entries = usageEntries(batch);
  const step = advanceOver(USAGE_OFFSETS, batch, next);
  if (next === null) return { fresh: entries, seen: 0, step };
  const seen = entries.filter(({ offset }) => offset < next);
  const missing = await countUnrecorded(sql, seen);
  if (missing > 0) throw topicMadeAnew(USAGE_OFFSETS, batch.partition, next, missing);
  const fresh = entries.filter(({ offset }) => offset >= next);
  return { fresh, seen: seen.length, step };
}

function judge(entries: readonly UsageEntry[], nowMs: number) {
  const countable: UsageEntry[] = [];
  const refused: { entry: UsageEntry; reason: QuarantineReason }[] = [];
  for (const entry of entries) {
    const reason = quarantineReason(entry, nowMs);
    if (reason) refused.push({ entry, reason });
    else countable.push(entry);
  }
  return { countable, refused };
}

async function fold(
  sql: EntityManager,
  recorded: readonly UsageEntry[],
  scopes: ReadonlyMap<string, ScopeRow>,
): Promise<Map<string, FoldedTotals[]>> {
  const deltas = foldUsage(
    recorded.map(({ fact }) => fact),
    (scopeId) => scopes.get(scopeId),
  );
  const isOver = ({ scopeId, generation }: UsageDelta) => generation < scopes.get(scopeId)!.generation;
  const rows = await addTotals(sql, deltas, isOver);
  const counted = new Map(rows.map((row) => [totalsKey(row), row.used]));
  const byScope = new Map<string, FoldedTotals[]>();
  for (const { scopeId, generation, period, added } of deltas) {
    const used = counted.get(totalsKey({ scopeId, generation, period }))!;
    byScope.set(scopeId, [...(byScope.get(scopeId) ?? []), { generation, period, added, used }]);
  }
  return byScope;
}

function lastUses(recorded: readonly UsageEntry[]): Map<string, number> {
  const last = new Map<string, number>();
  for (const { fact } of recorded) {
    for (const { scopeId } of scopesOf(fact)) {
      last.set(scopeId, Math.max(last.get(scopeId) ?? 0, fact.admittedAtMs));
    }
  }
  return last;
}

function withLastUse(scope: ScopeRow, last: ReadonlyMap<string, number>): ScopeRow {
  const atMs = last.get(scope.scopeId);
  return atMs === undefined ? scope : { ...scope, lastUsedMs: Math.max(scope.lastUsedMs ?? 0, atMs) };
}

function withoutAll<T>(all: readonly T[], some: readonly T[]): T[] {
  const excluded = new Set(some);
  return all.filter((one) => !excluded.has(one));
}

function countReasons(refused: readonly { reason: QuarantineReason }[]): FoldOutcome['quarantined'] {
  const counts = { ahead: 0, behind: 0, malformed: 0 };
  for (const { reason } of refused) counts[reason] += 1;
  return counts;
}
