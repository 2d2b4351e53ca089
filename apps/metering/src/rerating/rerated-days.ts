import { formatUsd } from '@tollgate/contracts/money';
import type { ReratingResult } from '@tollgate/contracts/operations-http';
import type { Rerating } from '@tollgate/domain/metering/rerate';
import type { RatedRecord } from './sql/read-rated.ts';

const MOST_LINES = 1_000;

interface Sums {
  records: number;
  was: bigint;
  is: bigint;
}

/** Adds up what a re-rating makes of records, by day (UTC) and model. */
export class ReratedDays {
  records = 0;
  private unpriced = 0;
  private bounds = 0;
  private readonly all: Sums = { records: 0, was: 0n, is: 0n };
  private readonly lines = new Map<string, Sums & { day: string; provider: string; model: string }>();

  /** How many records cost something else than they did. */
  get differing(): number {
    return this.all.records;
  }

  add({ provider, model, admittedAtMs }: RatedRecord, rerating: Rerating): void {
    this.records += 1;
    if (rerating.outcome === 'unpriced') this.unpriced += 1;
    if (rerating.outcome === 'bound') this.bounds += 1;
    if (rerating.outcome !== 'rated' || rerating.was === rerating.is) return;
    const day = new Date(admittedAtMs).toISOString().slice(0, 10);
    const name = JSON.stringify([day, provider, model]);
    const line = this.lines.get(name) ?? { day, provider, model, records: 0, was: 0n, is: 0n };
    this.lines.set(name, line);
    for (const sums of [this.all, line]) {
      sums.records += 1;
      sums.was += rerating.was;
      sums.is += rerating.is;
    }
  }

  result(): Pick<ReratingResult, 'records' | 'unpriced' | 'bounds' | 'differing' | 'lines'> {
    const lines = [...this.lines.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, MOST_LINES)
      .map(([, { day, provider, model, ...sums }]) => ({ day, provider, model, ...toUsdSums(sums) }));
    const { records, unpriced, bounds } = this;
    return { records, unpriced, bounds, differing: toUsdSums(this.all), lines };
  }
}

const toUsdSums = ({ records, was, is }: Sums) => ({
  records,
  was_usd: formatUsd(was),
  is_usd: formatUsd(is),
  difference_usd: formatUsd(is - was),
});
