import type { UsageRecorded } from '@tollgate/contracts/events';
import { parseUsd } from '@tollgate/contracts/money';
import type { Account } from '@tollgate/domain/admission/account';
import type { Generations, PendingRecord } from '@tollgate/domain/admission/pending-records';
import type { Position } from '@tollgate/kafka/publisher';
import type { Logger } from '@tollgate/service-kit/log';
import type { KeyTable } from '../key-state/key-table.ts';
import type { WriteAheadLog } from '../wal/write-ahead-log.ts';
import type { UsageQueue } from './usage-queue.ts';

/** What its scopes count of a record. */
type Counted = Omit<PendingRecord, 'partition' | 'offset' | 'covered' | 'displaced'>;

/** A usage record as JSON, with what is needed to count and to publish it. */
export interface Settled extends Counted {
  readonly id: string;
  readonly keyId: string;
  readonly settledAt: string;
  readonly json: string;
  readonly traceparent?: string | undefined;
}

export const settledOf = (record: UsageRecorded, json: string): Settled => ({
  id: record.id,
  keyId: record.key_id,
  settledAt: record.settled_at,
  json,
  admittedAtMs: Date.parse(record.admitted_at),
  generations: record.generations,
  costPicodollars: record.cost_usd === null ? 0n : parseUsd(record.cost_usd),
  tokens: record.tokens.total,
});

/** Told how it goes on with a record. */
interface Outcomes {
  /** The meters of all its scopes include it. */
  covered(record: OutgoingRecord): void;
  /** It was on a topic that is no more. */
  displaced(record: OutgoingRecord): void;
}

/** A settled attempt's record until all meters include it. It keeps nothing of its text: thousands wait for a meter. */
class OutgoingRecord implements PendingRecord {
  readonly id: string;
  readonly keyId: string;
  readonly settledAt: string;
  readonly traceparent: string | undefined;
  readonly admittedAtMs: number;
  readonly generations: Generations;
  readonly costPicodollars: bigint;
  readonly tokens: number;
  offset: bigint | null = null;
  private uncovered: number;

  constructor(
    settled: Settled,
    readonly partition: number,
    readonly accounts: readonly Account[],
    private readonly outcomes: Outcomes,
  ) {
    this.id = settled.id;
    this.keyId = settled.keyId;
    this.settledAt = settled.settledAt;
    this.traceparent = settled.traceparent;
    this.admittedAtMs = settled.admittedAtMs;
    this.generations = settled.generations;
    this.costPicodollars = settled.costPicodollars;
    this.tokens = settled.tokens;
    this.uncovered = accounts.length;
  }

  covered(): void {
    this.uncovered -= 1;
    if (this.uncovered === 0) this.outcomes.covered(this);
  }

  displaced(): void {
    this.outcomes.displaced(this);
  }
}

/**
 * A settled attempt's way out: counted on its key, its team and the organization from now on, logged, published, and
 * forgotten when the published meters of all three count it.
 */
export class OutgoingUsage implements Outcomes {
  private toSendAgain: OutgoingRecord[] = [];

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
    const record = this.count(settled, accounts);
    const { json } = settled;
    this.log.settle(record.id, json, () => this.publish(record, json, onPlaced));
  }

  /** Goes on with a record that a former process has logged, and maybe published; as {@link send}. */
  resume(
    settled: Settled,
    accounts: readonly Account[],
    position: Position | null,
    onPlaced: () => void,
  ): void {
    const record = this.count(settled, accounts);
    if (!position) {
      this.publish(record, settled.json, onPlaced);
      return;
    }
    this.placed(record, position);
    onPlaced();
  }

  covered({ id }: OutgoingRecord): void {
    this.log.done(id);
  }

  displaced(record: OutgoingRecord): void {
    if (this.toSendAgain.push(record) === 1) setImmediate(() => void this.sendAgain());
  }

  private count(settled: Settled, accounts: readonly Account[]): OutgoingRecord {
    const record = new OutgoingRecord(settled, this.keys.usagePartitionOf(settled.keyId), accounts, this);
    for (const account of accounts) account.add(record);
    return record;
  }

  private publish(record: OutgoingRecord, json: string, onPlaced?: () => void): void {
    const { id, keyId, settledAt, traceparent } = record;
    this.queue.push({
      id,
      keyId,
      settledAt,
      json,
      traceparent,
      placed: (position) => {
        const { partition, offset } = position;
        this.log.placed(id, { partition, offset, epoch: this.keys.epoch });
        this.placed(record, position);
        onPlaced?.();
      },
    });
  }

  private placed(record: OutgoingRecord, { offset }: Position): void {
    const { accounts } = record;
    record.offset = offset;
    for (const account of accounts) account.placed(record);
    if (accounts.length === 0) this.log.done(record.id);
  }

  /** What was on a topic that is no more is published again, from the log. */
  private async sendAgain(): Promise<void> {
    const records = this.toSendAgain;
    this.toSendAgain = [];
    const found = await this.log.recordsOf(new Set(records.map(({ id }) => id)));
    this.logger.warn(
      { records: records.length, found: found.size },
      'the usage topic was made anew: what was not counted is sent again',
    );
    for (const record of records) {
      const json = found.get(record.id);
      if (json !== undefined) this.publish(record, json);
    }
  }
}
