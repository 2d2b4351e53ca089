import type { PeriodData } from '@tollgate/contracts/events';
import type { ResetPeriod } from '@tollgate/contracts/limits';
import { Temporal } from 'temporal-polyfill';

/** A half-open interval [startMs, endMs) in ms since the epoch; both are `null` for `never`. */
export interface Period {
  /** `2026-11-23`, `2026-W48` (ISO week), `2026-11`, `2026` or `all`: unique among the periods of a recurrence. */
  readonly id: string;
  readonly startMs: number | null;
  readonly endMs: number | null;
}

/** How a scope's limits recur: which period, and the IANA time zone whose midnight begins it. */
export interface Recurrence {
  readonly resetPeriod: ResetPeriod;
  readonly timezone: string;
}

type Recurring = Exclude<ResetPeriod, 'never'>;

const ALL_TIME: Period = { id: 'all', startMs: null, endMs: null };

const LENGTH: Record<Recurring, Temporal.DurationLike> = {
  daily: { days: 1 },
  weekly: { weeks: 1 },
  monthly: { months: 1 },
  yearly: { years: 1 },
};

const firstDay: Record<Recurring, (date: Temporal.PlainDate) => Temporal.PlainDate> = {
  daily: (date) => date,
  weekly: (date) => date.subtract({ days: date.dayOfWeek - 1 }),
  monthly: (date) => date.with({ day: 1 }),
  yearly: (date) => date.with({ month: 1, day: 1 }),
};

const year = (value: number | undefined) => String(value).padStart(4, '0');

const idOf: Record<Recurring, (first: Temporal.PlainDate) => string> = {
  daily: (first) => first.toString(),
  weekly: (first) => `${year(first.yearOfWeek)}-W${String(first.weekOfYear).padStart(2, '0')}`,
  monthly: (first) => first.toPlainYearMonth().toString(),
  yearly: (first) => year(first.year),
};

/** The first instant of a local date, which is not 00:00 where the clocks skip it. */
const beginningOf = (date: Temporal.PlainDate, timezone: string) =>
  date.toZonedDateTime(timezone).epochMilliseconds;

/**
 * The period that an instant belongs to. Periods of a recurrence are contiguous and disjoint: each ends where
 * the next starts, a day with a change of clocks lasts 23 or 25 h, and a local date that a zone skipped
 * (Pacific/Apia, 2011-12-30) has none.
 *
 * @param instantMs whole milliseconds since the epoch
 * @throws RangeError where the instant is not whole or the zone unknown
 */
export function periodAt(instantMs: number, resetPeriod: ResetPeriod, timezone: string): Period {
  if (resetPeriod === 'never') return ALL_TIME;
  const date = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(timezone).toPlainDate();
  let first = firstDay[resetPeriod](date);
  let next = first.add(LENGTH[resetPeriod]);
  let endMs = beginningOf(next, timezone);
  // Clocks set back across midnight repeat the end of a date whose successor had begun: that has begun for good.
  while (endMs <= instantMs) {
    first = next;
    next = first.add(LENGTH[resetPeriod]);
    endMs = beginningOf(next, timezone);
  }
  return { id: idOf[resetPeriod](first), startMs: beginningOf(first, timezone), endMs };
}

/** {@link periodAt} that remembers its last answer: a batch's instants mostly share one period. */
export function periodsOf({ resetPeriod, timezone }: Recurrence): (instantMs: number) => Period {
  let last: Period | undefined;
  return (instantMs) => {
    if (!last || !contains(last, instantMs)) last = periodAt(instantMs, resetPeriod, timezone);
    return last;
  };
}

export const contains = ({ startMs, endMs }: Period, instantMs: number): boolean =>
  (startMs === null || startMs <= instantMs) && (endMs === null || instantMs < endMs);

/** Whether this process's time zone data has the zone; names that administrators send are checked elsewhere. */
export function knowsTimeZone(timezone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timezone);
    return true;
  } catch {
    return false;
  }
}

const toInstant = (ms: number | null) =>
  ms === null ? null : Temporal.Instant.fromEpochMilliseconds(ms).toString({ fractionalSecondDigits: 3 });

/** A period as events and answers carry it: RFC 3339 in UTC with milliseconds. */
export const toPeriodData = ({ id, startMs, endMs }: Period): PeriodData => ({
  id,
  start: toInstant(startMs),
  end: toInstant(endMs),
});
