import type { UsageRecorded } from '@tollgate/contracts/events';
import { parseUsd } from '@tollgate/contracts/money';
import type { Account } from '@tollgate/domain/admission/account';
import type { PendingRecord } from '@tollgate/domain/admission/pending-records';
import type { Position } from '@tollgate/kafka/publisher';
import type { Logger } from '@tollgate/service-kit/log';
import type { KeyTable } from '../key-state/key-table.ts';
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

/** What of a settled attempt is needed to publish it. */
type Publishable = Omit<Settled, 'counts'>;

/** A record that was on a topic that is no more. */
interface Displaced {
  readonly record: Omit<Publishable, 'json'>;
  readonly pending: PendingRecord;
  readonly accounts: readonly Account[];
}

/**
 * A settled attempt's way out: counted on its key, its team and the organization from now on, logged, published, and
 * forgotten when the published meters of all three count it.
 */
export class OutgoingUsage {
  private displaced: Displaced[] = [];

  /** @param keys whose partition a key's records are in, and which making of the usage topic positions are on */
  constructor(
    private readonly log: WriteAheadLog,
    private readonly queue: UsageQueue,
    private readonly keys: Pick<KeyTable, 'usagePartitionOf' | 'epoch'>,
    private readonly logger: Logger,
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
    this.placed(settled.id, pending, accounts, position);
    onPlaced();
  }

  /** Keeps nothing of the record's text: thousands wait for a meter. */
  private count(
    { id, keyId, settledAt, traceparent, counts }: Settled,
    accounts: readonly Account[],
  ): PendingRecord {
    let uncovered = accounts.length;
    const covered = () => {
      uncovered -= 1;
      if (uncovered === 0) this.log.done(id);
    };
    const pending: PendingRecord = {
      ...counts,
      partition: this.keys.usagePartitionOf(keyId),
      offset: null,
      covered,
      displaced: () => this.displace({ record: { id, keyId, settledAt, traceparent }, pending, accounts }),
    };
    for (const account of accounts) account.add(pending);
    return pending;
  }

  private publish(
    { id, keyId, settledAt, json, traceparent }: Publishable,
    pending: PendingRecord,
    accounts: readonly Account[],
    onPlaced?: () => void,
  ): void {
    this.queue.push({
      id,
      keyId,
      settledAt,
      json,
      traceparent,
      placed: (position) => {
        this.log.placed(id, { ...position, epoch: this.keys.epoch });
        this.placed(id, pending, accounts, position);
        onPlaced?.();
      },
    });
  }

  private placed(
    id: string,
    pending: PendingRecord,
    accounts: readonly Account[],
    { offset }: Position,
  ): void {
    pending.offset = offset;
    for (const account of accounts) account.placed(pending);
    if (accounts.length === 0) this.log.done(id);
  }

  private displace(one: Displaced): void {
    if (this.displaced.push(one) === 1) setImmediate(() => void this.publishDisplaced());
  }

  /** What was on a topic that is no more is published again, from the log. */
  private async publishDisplaced(): Promise<void> {
    const displaced = this.displaced;
    this.displaced = [];
    const records = await this.log.recordsOf(new Set(displaced.map(({ record }) => record.id)));
    this.logger.warn(
      { records: displaced.length, found: records.size },
      'the usage topic was made anew: what was not counted is sent again',
    );
    for (const { record, pending, accounts } of displaced) {
      const json = records.get(record.id);
      if (json !== undefined) this.publish({ ...record, json }, pending, accounts);
    }
  }
}
