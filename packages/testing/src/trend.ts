import { median } from './median.ts';

/** A measurement at a time, in ms. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

export interface Trend {
  readonly median: number;
  /** By how much the value grows in the span of the samples, as the slope has it; negative where it falls. */
  readonly growth: number;
  /** The same in 10 minutes, as a share of the median. */
  readonly sharePer10Min: number;
}

const TEN_MINUTES_MS = 600_000;

/**
 * The Theil–Sen estimate of how samples grow: the median of the slopes between all pairs, which up to 29 % of outliers
 * do not move, as a collection that came late or a burst makes them.
 * @throws RangeError for fewer than three samples
 */
export function trendOf(samples: readonly Sample[]): Trend {
  if (samples.length < 3) throw new RangeError('a trend takes three samples or more');
  const slopes = samples.flatMap((a, i) =>
    samples
      .slice(i + 1)
      .filter((b) => b.atMs !== a.atMs)
      .map((b) => (b.value - a.value) / (b.atMs - a.atMs)),
  );
  const slope = median(slopes);
  const middle = median(samples.map(({ value }) => value));
  return {
    median: middle,
    growth: slope * (samples.at(-1)!.atMs - samples[0]!.atMs),
    sharePer10Min: middle === 0 ? 0 : (slope * TEN_MINUTES_MS) / middle,
  };
}
