import type { RefusalReason } from '@tollgate/contracts/billing-http';
import { foldItems } from '@tollgate/domain/billing/line-items';
import {
  type Advance,
  advanceOffsets,
  advanceOver,
  lockOffsets,
  type OffsetRange,
  type OffsetsTable,
  topicMadeAnew,
} from '@tollgate/event-store/offsets';
import type { ReceivedEvent } from '@tollgate/kafka/cloud-event';
import type { DataSource, EntityManager } from 'typeorm';
import { addItems } from '../items/sql/add-items.ts';
import { refuse } from '../refused/sql/refuse.ts';
import { ensureSeenDays } from '../seen/seen-days.ts';
import { type Entry, refusal, toEntry } from './entry.ts';
import { ADJUSTMENT_OFFSETS, USAGE_OFFSETS } from './offsets-tables.ts';
import { appendSeen } from './sql/append-seen.ts';
import { countUnseen } from './sql/count-unseen.ts';

/** A partition's records as they come from a topic. */
export interface BillingBatch extends OffsetRange {
  readonly topic: string;
  readonly events: readonly ReceivedEvent[];
}

/** What became of the batches' records; together they are all of them. */
export interface FoldOutcome {
  readonly applied: number;
  readonly duplicates: number;
  /** Nothing that is billed: refusals by the gateway, warnings, breaches, resets. */
  readonly ignored: number;
  readonly refused: Readonly<Record<RefusalReason, number>>;
  /** Of an earlier delivery of their batch. */
  readonly alreadyFolded: number;
  /** Nobody could read them: they are among the dead letters. */
  readonly unreadable: number;
}

/**
 * Folds batches of different partitions in one transaction, in this order:
 * 1. the partitions' offsets are locked, and what is below them was folded before;
 * 2. records that cannot be billed are put aside;
 * 3. the others are noted as seen, which tells the new ones from duplicates;
 * 4. the new ones are added to their line items;
 * 5. the offsets move on.
 * A failure at any step undoes them all, and the batches are delivered again.
 *
 * @throws FatalConsumerError where a topic is not the one that the offsets in the database are about
 */
export async function foldBatches(
  db: DataSource,
  batches: readonly BillingBatch[],
  nowMs: number,
): Promise<FoldOutcome> {
  await ensureSeenDays(db, nowMs);
  return db.transaction(async (sql) => {
    const parts: Part[] = [];
    // Always in this order, so that two consumers never wait for one another.
    for (const source of [USAGE_OFFSETS, ADJUSTMENT_OFFSETS]) {
      const some = batches.filter(({ topic }) => topic === source.topic);
      if (some.length > 0) parts.push(await partOf(sql, source, some, nowMs));
    }
    const fresh = parts.flatMap((part) => part.fresh);
    const judged = fresh.map((entry) => ({ entry, reason: refusal(entry, nowMs) }));
    const refused = judged.flatMap(({ entry, reason }) => (reason ? [{ entry, reason }] : []));
    const billable = judged.flatMap(({ entry, reason }) => (reason ? [] : [entry]));

    await refuse(sql, refused, nowMs);
    const applied = await appendSeen(sql, billable, nowMs);
    await addItems(sql, foldItems(applied.map(({ fact }) => fact)), nowMs);
    for (const { source, steps } of parts) await advanceOffsets(sql, source, steps);

    const records = batches.reduce((sum, { events }) => sum + events.length, 0);
    const alreadyFolded = parts.reduce((sum, part) => sum + part.seen, 0);
    return {
      applied: applied.length,
      duplicates: billable.length - applied.length,
      ignored: records - fresh.length - alreadyFolded,
      refused: countReasons(refused),
      alreadyFolded,
      unreadable: consumed(batches) - records,
    };
  });
}

/** Records of the batches, readable or not. Nothing is ever removed from within these topics. */
export const consumed = (batches: readonly OffsetRange[]): number =>
  batches.reduce((sum, { firstOffset, nextOffset }) => sum + Number(nextOffset - firstOffset), 0);

/** What of a topic's batches is new, and how its partitions move on. */
interface Part {
  readonly source: OffsetsTable;
  readonly fresh: readonly Entry[];
  readonly seen: number;
  readonly steps: readonly Advance[];
}

/** Parts what is new from what was folded in an earlier delivery, and makes sure that it really was. */
async function partOf(
  sql: EntityManager,
  source: OffsetsTable,
  batches: readonly BillingBatch[],
  nowMs: number,
): Promise<Part> {
  const partitions = batches.map(({ partition }) => partition);
  const offsets = await lockOffsets(sql, source, partitions);
  const fresh: Entry[] = [];
  const steps: Advance[] = [];
  let seen = 0;
  for (const batch of batches) {
    const next = offsets.get(batch.partition) ?? null;
    const step = advanceOver(source, batch, next);
    if (step) steps.push(step);
    const entries = batch.events.flatMap((event) => toEntry(event) ?? []);
    const below = entries.filter(({ offset }) => next !== null && offset < next);
    const missing = await countUnseen(sql, below, nowMs);
    if (missing > 0) throw topicMadeAnew(source, batch.partition, next, missing);
    seen += below.length;
    fresh.push(...entries.filter(({ offset }) => next === null || offset >= next));
  }
  return { source, fresh, seen, steps };
}

function countReasons(refused: readonly { reason: RefusalReason }[]): FoldOutcome['refused'] {
  const counts = { ahead: 0, behind: 0, malformed: 0 };
  for (const { reason } of refused) counts[reason] += 1;
  return counts;
}
