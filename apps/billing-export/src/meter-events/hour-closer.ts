import type { Topic } from '@tollgate/contracts/topics';
import { openHour } from '@tollgate/domain/billing/meter-events';
import { type OffsetsTable, readOffsets } from '@tollgate/event-store/offsets';
import type { Extent } from '@tollgate/kafka/end-offsets';
import type { DataSource } from 'typeorm';
import { ADJUSTMENT_OFFSETS, USAGE_OFFSETS } from '../fold/offsets-tables.ts';
import type { BilledLine } from '../stripe/stripe-file.ts';
import { closeLines } from './close-hours.ts';

type Ends = ReadonlyMap<number, Extent>;
/** Asks the broker how far a topic reaches. */
export type EndsOf = (topic: Topic) => Promise<Ends>;

const CONSUMED: readonly OffsetsTable[] = [USAGE_OFFSETS, ADJUSTMENT_OFFSETS];

/**
 * Closes each hour once: when its grace is over, and everything that the topics had by then is in the line items.
 * A consumer that is behind therefore delays hours, and closes none without what was used in it.
 *
 * waiting for an hour → reading on to the ends of the topics → closing → waiting
 */
export class HourCloser {
  private target: { readonly openHourMs: number; readonly ends: ReadonlyMap<OffsetsTable, Ends> } | null =
    null;
  private closedToMs = 0;

  constructor(
    private readonly db: DataSource,
    private readonly endsOf: EndsOf,
    private readonly lines: readonly BilledLine[],
    private readonly graceMs: number,
  ) {}

  /** @returns how many events were written; 0 also while there is nothing to close yet */
  async look(nowMs: number): Promise<number> {
    const openHourMs = openHour(nowMs, this.graceMs);
    if (this.lines.length === 0 || openHourMs <= this.closedToMs) return 0;
    if (this.target?.openHourMs !== openHourMs) this.target = { openHourMs, ends: await this.ends() };
    if (!(await this.hasReached(this.target.ends))) return 0;
    const written = await closeLines(this.db, this.lines, openHourMs, nowMs);
    this.closedToMs = openHourMs;
    return written;
  }

  private async ends(): Promise<ReadonlyMap<OffsetsTable, Ends>> {
    const ends = new Map<OffsetsTable, Ends>();
    for (const source of CONSUMED) ends.set(source, await this.endsOf(source.topic));
    return ends;
  }

  private async hasReached(ends: ReadonlyMap<OffsetsTable, Ends>): Promise<boolean> {
    for (const [source, reached] of ends) {
      if (lagOf(reached, await readOffsets(this.db.manager, source)) > 0n) return false;
    }
    return true;
  }
}

/** Topic → how many of its records are not in the line items yet. */
export async function readLags(db: DataSource, endsOf: EndsOf): Promise<Map<Topic, number>> {
  const lags = new Map<Topic, number>();
  for (const source of CONSUMED) {
    const ends = await endsOf(source.topic);
    lags.set(source.topic, Number(lagOf(ends, await readOffsets(db.manager, source))));
  }
  return lags;
}

function lagOf(ends: Ends, offsets: Readonly<Record<string, string>>): bigint {
  let lag = 0n;
  for (const [partition, { start, end }] of ends) {
    const next = BigInt(offsets[partition] ?? start);
    if (end > next) lag += end - next;
  }
  return lag;
}
