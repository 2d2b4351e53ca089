import type { UsageRecorded } from '@tollgate/contracts/events';
import { parseUsd } from '@tollgate/contracts/money';
import type { Account } from '@tollgate/domain/admission/account';
import type { PendingRecord } from '@tollgate/domain/admission/pending-records';
import type { Position } from '@tollgate/kafka/publisher';
import type { WriteAheadLog } from '../wal/write-ahead-log.ts';
import type { UsageQueue } from './usage-queue.ts';

/** A usage record as JSON, with what its key counts of it. */
export interface Settled {
  readonly id: string;
  readonly keyId: string;
  readonly settledAt: string;
  readonly json: string;
  readonly counts: Omit<PendingRecord, 'offset' | 'covered'>;
}

export const settledOf = (record: UsageRecorded, json: string): Settled => ({
  id: record.id,
  keyId: record.key_id,
  settledAt: record.settled_at,
  json,
  counts: {
    admittedAtMs: Date.parse(record.admitted_at),
    generation: record.generations.key,
    costPicodollars: record.cost_usd === null ? 0n : parseUsd(record.cost_usd),
    tokens: record.tokens.total,
  },
});

/**
 * A settled attempt's way out: counted on its key from now on, logged, published, and forgotten when a published
 * meter counts it.
 */
export class OutgoingUsage {
  constructor(
    private readonly log: WriteAheadLog,
    private readonly queue: UsageQueue,
  ) {}

  /** @param account of the record's key; `null` where the key is not known here */
  send(settled: Settled, account: Account | null): void {
    const pending = this.count(settled, account);
    this.log.settle(settled.id, settled.json, () => this.publish(settled, pending, account));
  }

  /** Goes on with a record that a former process has logged, and maybe published. */
  resume(settled: Settled, account: Account | null, position: Position | null): void {
    const pending = this.count(settled, account);
    if (position) this.placed(settled, pending, account, position);
    else this.publish(settled, pending, account);
  }

  private count({ id, counts }: Settled, account: Account | null): PendingRecord {
    const pending: PendingRecord = { ...counts, offset: null, covered: () => this.log.done(id) };
    account?.add(pending);
    return pending;
  }

  private publish(settled: Settled, pending: PendingRecord, account: Account | null): void {
    const { id, keyId, settledAt, json } = settled;
    this.queue.push({
      id,
      keyId,
      settledAt,
      json,
      placed: (position) => {
        this.log.placed(id, position.partition, position.offset);
        this.placed(settled, pending, account, position);
      },
    });
  }

  private placed(
    { id }: Settled,
    pending: PendingRecord,
    account: Account | null,
    { offset }: Position,
  ): void {
    if (account) account.placed(pending, offset);
    else this.log.done(id);
  }
}
