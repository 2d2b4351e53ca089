import { type Period, periodsOf, type Recurrence } from '../period.ts';
import { plus, type Totals } from './meter.ts';

/**
 * What a scope used in a quarter of an hour, `startMs` being a multiple of 900 000. Days begin on one in every zone,
 * so quarters add up to periods exactly, whatever the period and the zone.
 */
export interface QuarterHour {
  readonly generation: number;
  readonly startMs: number;
  readonly used: Totals;
}

/** What a scope used in one generation and period. */
export interface PeriodTotals {
  readonly generation: number;
  readonly period: Period;
  readonly used: Totals;
}

/**
 * Adds quarters up to the periods of a recurrence.
 *
 * @param opening what was used before the quarters, in periods that may be those of an earlier recurrence: the ones
 *   of `never` are all one, and of the others those with the same id
 */
export function totalsOfQuarters(
  quarters: Iterable<QuarterHour>,
  recurrence: Recurrence,
  opening: Iterable<PeriodTotals> = [],
): PeriodTotals[] {
  const periodOf = periodsOf(recurrence);
  const totals = new Map<string, PeriodTotals & { used: Totals }>();
  const add = (generation: number, period: Period, used: Totals) => {
    const key = `${generation} ${period.id}`;
    const sum = totals.get(key);
    if (!sum) totals.set(key, { generation, period, used });
    else sum.used = plus(sum.used, used);
  };
  for (const { generation, startMs, used } of quarters) add(generation, periodOf(startMs), used);
  for (const { generation, period, used } of opening) {
    add(generation, recurrence.resetPeriod === 'never' ? periodOf(0) : period, used);
  }
  return [...totals.values()];
}
