import type { ReleaseAnswer, ReleaseBody } from '@tollgate/contracts/operations-http';
import type { DataSource } from 'typeorm';
import { foldAllowances } from '../allowances/fold-allowances.ts';
import { toEntry } from '../fold/usage-entry.ts';
import { makeMonthsOf } from '../ledger/months.ts';
import { appendUsage } from '../ledger/sql/append-usage.ts';
import { recordedOnce } from '../operations/recorded.ts';
import { countIn } from '../totals/count-in.ts';
import { listQuarantined, takeQuarantined } from './sql/take-quarantined.ts';

/**
 * Counts quarantined records after all, each in the period in which it says that it was admitted. What the ledger
 * has already is dropped from the quarantine; what is malformed stays there.
 */
export function release(db: DataSource, body: ReleaseBody, nowMs: number): Promise<ReleaseAnswer> {
  const { ids, actor } = body;
  return recordedOnce(db, { kind: 'release', actor, parameters: body }, () =>
    db.transaction(async (sql) => {
      const held = await listQuarantined(sql, ids.length * 2, ids);
      const known = new Set(held.map(({ id }) => id));
      const taken = await takeQuarantined(sql, ids);
      const entries = taken.map(({ partition, offset, record }) => toEntry(partition, offset, record));
      await makeMonthsOf(
        sql,
        entries.map(({ fact }) => fact.admittedAtMs),
      );
      const appended = await appendUsage(sql, entries);
      await countIn(
        sql,
        appended.map(({ fact }) => fact),
        nowMs,
      );
      await foldAllowances(sql, appended, nowMs);
      const released = appended.map(({ record }) => record.id);
      const counted = new Set(released);
      return {
        released,
        duplicates: entries.map(({ record }) => record.id).filter((id) => !counted.has(id)),
        refused: held.filter(({ reason }) => reason === 'malformed').map(({ id }) => id),
        unknown: ids.filter((id) => !known.has(id)),
      };
    }),
  );
}
