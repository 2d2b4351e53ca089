import type { ReleaseRefusedAnswer, ReleaseRefusedBody } from '@tollgate/contracts/billing-http';
import type { UsageAdjusted, UsageRecorded } from '@tollgate/contracts/events';
import { foldItems } from '@tollgate/domain/billing/line-items';
import type { DataSource } from 'typeorm';
import { adjustmentEntry, usageEntry } from '../fold/entry.ts';
import { appendSeen } from '../fold/sql/append-seen.ts';
import { addItems } from '../items/sql/add-items.ts';
import { recordOperation } from '../operations/record-operation.ts';
import { dayOf } from '../seen/seen-days.ts';
import { listRefused } from './sql/list-refused.ts';
import { markReleased } from './sql/mark-released.ts';

/** Bills records that were put aside after all, each in the hour in which it says that it was admitted. */
export function release(
  db: DataSource,
  body: ReleaseRefusedBody,
  nowMs: number,
): Promise<ReleaseRefusedAnswer> {
  return db.transaction(async (sql) => {
    const held = await listRefused(sql, body.ids.length * 2, body.ids);
    const marked = await markReleased(sql, body.ids, nowMs);
    const entries = marked.map((record) =>
      'kind' in record
        ? adjustmentEntry(0n, record as UsageAdjusted)
        : usageEntry(0n, record as UsageRecorded),
    );
    for (const { fact } of entries) {
      await sql.query('SELECT billing.make_seen_days($1, $1)', [dayOf(fact.admittedAtMs)]);
    }
    const applied = await appendSeen(sql, entries, nowMs);
    await addItems(sql, foldItems(applied.map(({ fact }) => fact)), nowMs);
    const known = new Set(held.map(({ id }) => id));
    const counted = new Set(applied);
    const answer = {
      released: applied.map(({ id }) => id),
      duplicates: entries.filter((entry) => !counted.has(entry)).map(({ id }) => id),
      malformed: held.filter(({ reason }) => reason === 'malformed').map(({ id }) => id),
      unknown: body.ids.filter((id) => !known.has(id)),
    };
    await recordOperation(sql, { kind: 'release', actor: body.actor, parameters: body }, answer, nowMs);
    return answer;
  });
}
