import type { Publisher } from '@tollgate/kafka/publisher';
import type { Sql } from '@tollgate/service-kit/postgres';
import { adjustedRecord } from '../corrections/apply-corrections.ts';
import { pagesByTime } from '../ledger/pages-by-time.ts';
import { type LedgerRecord, readLedger, toAdjusted, toUsage } from './sql/read-ledger.ts';
import { usageRecordOf } from './usage-record-of.ts';

const PAGE = 1_000;

export interface Resent {
  readonly usage: number;
  readonly corrections: number;
  readonly until: string;
}

/**
 * Writes records of the ledger to the topics again, those that were admitted in [fromMs, toMs): for whoever had not
 * read them when the topics were lost. Readers know by a record's id that they have had it, metering itself too.
 * @param publisher `null` only counts them
 */
export async function* resend(
  sql: Sql,
  publisher: Publisher | null,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): AsyncGenerator<Resent, Resent> {
  let sent: Resent = { usage: 0, corrections: 0, until: new Date(fromMs).toISOString() };
  const pages = pagesByTime<LedgerRecord>(
    { fromMs, toMs, pageSize: PAGE },
    ({ admitted_at }) => Date.parse(admitted_at),
    ({ after, ...window }) => readLedger(sql, window, after, PAGE),
  );
  for await (const page of pages) {
    const usage = page.filter(({ kind }) => kind === 'usage').map((record) => usageRecordOf(toUsage(record)));
    const corrections = page
      .filter(({ kind }) => kind !== 'usage')
      .map((record) => adjustedRecord(toAdjusted(record)));
    await publisher?.publish([...usage, ...corrections]);
    sent = {
      usage: sent.usage + usage.length,
      corrections: sent.corrections + corrections.length,
      until: page.at(-1)!.admitted_at,
    };
    yield sent;
  }
  return { ...sent, until: new Date(toMs).toISOString() };
}
