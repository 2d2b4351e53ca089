import { HOUR_MS, hourOf } from './line-items.ts';

/** What one unit of a Stripe meter is, in our integers. */
const UNIT_SIZES = {
  /** 10⁻⁶ USD */
  micro_usd: { of: 'cost', size: 1_000_000n },
  /** 10⁻² USD */
  cent: { of: 'cost', size: 10_000_000_000n },
  token: { of: 'tokens', size: 1n },
  request: { of: 'requests', size: 1n },
} as const;
export type MeterUnit = keyof typeof UNIT_SIZES;
export const METER_UNITS = Object.keys(UNIT_SIZES) as MeterUnit[];

/** What a team used in an hour, corrections included: any of it may be negative. */
export interface HourTotals {
  readonly hourMs: number;
  /** Picodollars. */
  readonly cost: bigint;
  readonly tokens: bigint;
  readonly requests: bigint;
}

/** What was written so far of a line, which is a team's use in the unit of one meter since its first billed hour. */
export interface MeterLine {
  readonly unit: MeterUnit;
  /** The sum of the values of its events, whatever became of them. */
  readonly written: bigint;
  /** Hours before it are closed. */
  readonly closedToMs: number;
}

export interface NewMeterEvent {
  /** The hour that it closes; a line has one event of an hour at most, so that the two identify it for good. */
  readonly hourMs: number;
  /** Whole units, at least 1. */
  readonly value: bigint;
  /** What the line's events come to with it. */
  readonly cumulative: bigint;
}

/** The first hour that is not closed: an hour closes when it has been over for `graceMs`. */
export const openHour = (nowMs: number, graceMs: number): number => hourOf(nowMs - graceMs);

/**
 * The last second of an hour: what was used in it is never stamped into a billing period that was over before.
 * @returns seconds since the epoch
 */
export const stampOf = (hourMs: number): number => (hourMs + HOUR_MS) / 1_000 - 1;

/**
 * The events that close a line's hours up to `openHourMs`: with each the line's events come to the whole units used
 * by then, and never to more. What came late, and what rounding left, is in the next event; what was taken off after
 * it was written is set against later use.
 *
 * @param hours all hours of the line with use, oldest first, each once
 */
export function closeHours(
  hours: readonly HourTotals[],
  line: MeterLine,
  openHourMs: number,
): { readonly events: readonly NewMeterEvent[]; readonly line: MeterLine } {
  if (openHourMs <= line.closedToMs) return { events: [], line };
  const { of, size } = UNIT_SIZES[line.unit];
  const events: NewMeterEvent[] = [];
  let used = 0n;
  let written = line.written;
  const write = (hourMs: number) => {
    const cumulative = floorDivide(used, size);
    if (cumulative <= written) return;
    events.push({ hourMs, value: cumulative - written, cumulative });
    written = cumulative;
  };
  for (const hour of hours) {
    if (hour.hourMs >= openHourMs) break;
    used += hour[of];
    if (hour.hourMs >= line.closedToMs) write(hour.hourMs);
  }
  // Where nothing was used since, what came late is told with the last hour that closed.
  write(openHourMs - HOUR_MS);
  return { events, line: { ...line, written, closedToMs: openHourMs } };
}

function floorDivide(amount: bigint, size: bigint): bigint {
  const quotient = amount / size;
  return amount < 0n && quotient * size !== amount ? quotient - 1n : quotient;
}
