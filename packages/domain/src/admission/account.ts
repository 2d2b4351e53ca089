import type { ScopeKind } from '@tollgate/contracts/limits';
import { type Period, periodAt, type Recurrence } from '../period.ts';
import { NOTHING, type PendingRecord, PendingRecords, type Used } from './pending-records.ts';

/** A meter as metering published it, reduced to what admission needs. */
export interface PublishedMeter extends Used {
  readonly sequence: number;
  readonly generation: number;
  readonly period: Period;
  /** Every record of the scope before these offsets of usage partitions is included. */
  readonly through: readonly (readonly [partition: number, offset: bigint])[];
}

/**
 * What a scope has used, as one gateway knows it: the latest published meter plus the gateway's own records
 * that the meter does not include. No record is counted in both: a meter says through which offset it counts,
 * and a record leaves the pending ones when its offset is below that. A record is pending on three scopes,
 * whose meters come apart from each other.
 */
export class Account {
  private period: Period;
  private settled = NOTHING;
  private sequence = 0;
  private readonly pending: PendingRecords;

  constructor(
    kind: ScopeKind,
    nowMs: number,
    private generation: number,
    private recurrence: Recurrence,
  ) {
    this.period = periodAt(nowMs, recurrence.resetPeriod, recurrence.timezone);
    this.pending = new PendingRecords(kind, this.period, generation);
  }

  /** The scope's state changed. A new generation starts at zero at once, without waiting for its first meter. */
  follow(nowMs: number, generation: number, recurrence: Recurrence): void {
    const { resetPeriod, timezone } = this.recurrence;
    const recursOtherwise = recurrence.resetPeriod !== resetPeriod || recurrence.timezone !== timezone;
    this.recurrence = recurrence;
    if (generation > this.generation) this.begin(this.period, generation, NOTHING);
    // What was used in the other period only metering can add up; until it has, the figures known so far stand.
    if (recursOtherwise && this.sequence === 0) this.begin(this.current(nowMs), this.generation, NOTHING);
  }

  /** Takes in a meter unless a later one is known. One of an ended period or generation only confirms records. */
  apply(meter: PublishedMeter, nowMs: number): void {
    if (meter.sequence <= this.sequence) return;
    this.sequence = meter.sequence;
    for (const [partition, offset] of meter.through) this.pending.reach(partition, offset);
    if (meter.generation < this.generation || hasEnded(meter.period, nowMs)) return;
    const { costPicodollars, tokens, requests } = meter;
    this.begin(meter.period, meter.generation, { costPicodollars, tokens, requests });
  }

  /** Counts an own record from the moment it settles. Records are added in the order in which they are written. */
  add(record: PendingRecord): void {
    this.pending.add(record);
  }

  /** The broker has answered where a record is; a meter may have counted that far already. */
  placed(record: PendingRecord): void {
    this.pending.placed(record);
  }

  /** The usage topic was made anew; see {@link PendingRecords.startAnew}. */
  startAnew(): void {
    this.pending.startAnew();
  }

  /** The period that counts at `nowMs`; one that has ended is left behind without waiting for anybody's word. */
  periodAt(nowMs: number): Period {
    if (hasEnded(this.period, nowMs)) this.begin(this.current(nowMs), this.generation, NOTHING);
    return this.period;
  }

  /** Settled and own pending use in the period that counts at `nowMs`. */
  usedAt(nowMs: number): Used {
    this.periodAt(nowMs);
    const { settled } = this;
    const { counted } = this.pending;
    return {
      costPicodollars: settled.costPicodollars + counted.costPicodollars,
      tokens: settled.tokens + counted.tokens,
      requests: settled.requests + counted.requests,
    };
  }

  /** Settled and pending cost alone, in picodollars, in the period that counts at `nowMs`. */
  costUsedAt(nowMs: number): bigint {
    this.periodAt(nowMs);
    return this.settled.costPicodollars + this.pending.counted.costPicodollars;
  }

  /** {@link costUsedAt} of tokens. */
  tokensUsedAt(nowMs: number): number {
    this.periodAt(nowMs);
    return this.settled.tokens + this.pending.counted.tokens;
  }

  /** Records that no meter includes yet. */
  get pendingCount(): number {
    return this.pending.size;
  }

  private current(nowMs: number): Period {
    return periodAt(nowMs, this.recurrence.resetPeriod, this.recurrence.timezone);
  }

  private begin(period: Period, generation: number, settled: Used): void {
    this.period = period;
    this.generation = generation;
    this.settled = settled;
    this.pending.recount(period, generation);
  }
}

const hasEnded = (period: Period, nowMs: number) => period.endMs !== null && nowMs >= period.endMs;
