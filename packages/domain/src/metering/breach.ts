import {
  COUNTED_DIMENSIONS,
  type CountedDimension,
  gauge,
  hasReached,
  type ScopeMeter,
  type Totals,
} from './meter.ts';

/** Percent of a limit at which a warning is due. */
export const WARNING_THRESHOLDS = [50, 80, 95, 100] as const;

/** A step that use took over a threshold, or over the limit itself. */
export type Crossing =
  | { readonly kind: 'warned'; readonly dimension: CountedDimension; readonly threshold: number }
  | { readonly kind: 'breached'; readonly dimension: CountedDimension };

/**
 * What follows from a meter's step: a warning for each threshold passed, and a breach where a limit became
 * reached. Each is due once per period, generation and limit revision.
 *
 * @param before use before the step, in the same period, generation and revision; `null` where that is not
 *   known or not the same, which yields all that holds now: {@link crossingId} tells what was announced already
 */
export function crossings(
  before: Totals | null,
  { used, limits }: Pick<ScopeMeter, 'used' | 'limits'>,
  thresholds: readonly number[] = WARNING_THRESHOLDS,
): Crossing[] {
  const found: Crossing[] = [];
  for (const dimension of COUNTED_DIMENSIONS) {
    const { used: after, limit } = gauge(used, limits, dimension);
    const earlier = before && gauge(before, limits, dimension).used;
    const passed = (percent: number) =>
      hasReached(after, limit, percent) && (earlier === null || !hasReached(earlier, limit, percent));
    for (const threshold of thresholds) {
      if (passed(threshold)) found.push({ kind: 'warned', dimension, threshold });
    }
    if (passed(100)) found.push({ kind: 'breached', dimension });
  }
  return found;
}

type MeterIdentity = Pick<ScopeMeter, 'scopeId' | 'generation' | 'limitRevision'> & {
  readonly period: { readonly id: string };
};

const place = ({ scopeId, period, generation }: Omit<MeterIdentity, 'limitRevision'>) =>
  `${scopeId}/${period.id}/g${generation}`;

/** The same crossing has the same id, whoever computes it and however often. */
export const crossingId = (meter: MeterIdentity, crossing: Crossing): string => {
  const what = crossing.kind === 'warned' ? `warned/${crossing.threshold}` : 'breached';
  return `${place(meter)}/r${meter.limitRevision}/${crossing.dimension}/${what}`;
};

/** A generation of a period ends once: with the period, or by a manual reset before. */
export const resetId = (meter: Omit<MeterIdentity, 'limitRevision'>): string => `${place(meter)}/reset`;
