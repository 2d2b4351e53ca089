import type { UsageRecorded } from '@tollgate/contracts/events';
import { parseUsd } from '@tollgate/contracts/money';
import type { Account } from '@tollgate/domain/admission/account';
import type { PendingRecord } from '@tollgate/domain/admission/pending-records';
import type { Position } from '@tollgate/kafka/publisher';
import type { WriteAheadLog } from '../wal/write-ahead-log.ts';
import type { UsageQueue } from './usage-queue.ts';

/** A usage record as JSON, with what its scopes count of it. */
export interface Settled {
  readonly id: string;
  readonly keyId: string;
  readonly settledAt: string;
  readonly json: string;
  readonly traceparent?: string | undefined;
  readonly counts: Omit<PendingRecord, 'partition' | 'offset' | 'covered'>;
}

export const settledOf = (record: UsageRecorded, json: string): Settled => ({
  id: record.id,
  keyId: record.key_id,
  settledAt: record.settled_at,
  json,
  counts: {
    admittedAtMs: Date.parse(record.admitted_at),
    generations: record.generations,
    costPicodollars: record.cost_usd === null ? 0n : parseUsd(record.cost_usd),
    tokens: record.tokens.total,
  },
});

/**
 * A settled attempt's way out: counted on its key, its team and the organization from now on, logged, published, and
 * forgotten when the published meters of all three count it.
 */
export class OutgoingUsage {
  constructor(
    private readonly log: WriteAheadLog,
    private readonly queue: UsageQueue,
    private readonly usagePartitionOf: (keyId: string) => number,
  ) {}

  /**
   * @param accounts of the record's scopes; none where its key is not known here
   * @param onPlaced told when the broker has it
   */
  send(settled: Settled, accounts: readonly Account[], onPlaced?: () => void): void {
    const pending = this.count(settled, accounts);
    this.log.settle(settled.id, settled.json, () => this.publish(settled, pending, accounts, onPlaced));
  }

  /** Goes on with a record that a former process has logged, and maybe published; as {@link send}. */
  resume(
    settled: Settled,
    accounts: readonly Account[],
    position: Position | null,
    onPlaced: () => void,
  ): void {
    const pending = this.count(settled, accounts);
    if (!position) {
      this.publish(settled, pending, accounts, onPlaced);
      return;
    }
    this.placed(settled, pending, accounts, position);
    onPlaced();
  }

  private count({ id, keyId, counts }: Settled, accounts: readonly Account[]): PendingRecord {
    let uncovered = accounts.length;
    const covered = () => {
      uncovered -= 1;
      if (uncovered === 0) this.log.done(id);
    };
    const pending: PendingRecord = {
      ...counts,
      partition: this.usagePartitionOf(keyId),
      offset: null,
      covered,
    };
    for (const account of accounts) account.add(pending);
    return pending;
  }

  private publish(
    settled: Settled,
    pending: PendingRecord,
    accounts: readonly Account[],
    onPlaced?: () => void,
  ): void {
    const { id, keyId, settledAt, json, traceparent } = settled;
    this.queue.push({
      id,
      keyId,
      settledAt,
      json,
      traceparent,
      placed: (position) => {
        this.log.placed(id, position.partition, position.offset);
        this.placed(settled, pending, accounts, position);
        onPlaced?.();
      },
    });
  }

  private placed(
    { id }: Settled,
    pending: PendingRecord,
    accounts: readonly Account[],
    { offset }: Position,
  ): void {
    pending.offset = offset;
    for (const account of accounts) account.placed(pending);
    if (accounts.length === 0) this.log.done(id);
  }
}
