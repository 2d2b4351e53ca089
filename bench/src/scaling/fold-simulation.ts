/** How long a transaction of the fold takes: so much, and so much for each record. */
export interface FoldCosts {
  readonly transactionMs: number;
  readonly recordMs: number;
  /** Records that a transaction takes at the most. */
  readonly mostRecords: number;
}

/** A stall of the database: nothing commits from one instant to another. */
export interface Stall {
  readonly atMs: number;
  readonly forMs: number;
}

export interface FoldRun {
  /** From a record's writing to the commit that counts it: all that other gateways can miss. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly recordsPerTransaction: number;
  /** Records that still waited at the end. */
  readonly waiting: number;
}

/**
 * One fold after another, as the queue of metering has them: whatever came while a transaction ran shares the next.
 * Records come evenly. What it shows: below what a transaction can do, more load makes transactions larger and not
 * later; beyond it they only get later.
 */
export function simulateFold(
  costs: FoldCosts,
  recordsPerSecond: number,
  forMs: number,
  stall: Stall | null = null,
): FoldRun {
  const cameAtMs = (index: number) => (index * 1_000) / recordsPerSecond;
  const cameBy = (ms: number) => Math.floor((ms * recordsPerSecond) / 1_000) + 1;
  const delays: number[] = [];
  let nowMs = 0;
  let folded = 0;
  let transactions = 0;
  while (nowMs < forMs) {
    const count = Math.min(cameBy(nowMs) - folded, costs.mostRecords);
    if (count <= 0) {
      nowMs = cameAtMs(folded);
      continue;
    }
    nowMs += costs.transactionMs + count * costs.recordMs;
    if (stall && nowMs >= stall.atMs && nowMs < stall.atMs + stall.forMs) nowMs = stall.atMs + stall.forMs;
    for (let index = folded; index < folded + count; index += 1) delays.push(nowMs - cameAtMs(index));
    folded += count;
    transactions += 1;
  }
  delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0;
  return {
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
    recordsPerTransaction: folded / Math.max(1, transactions),
    waiting: Math.max(0, cameBy(forMs) - folded),
  };
}
