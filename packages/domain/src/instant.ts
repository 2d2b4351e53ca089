import { Temporal } from 'temporal-polyfill';

/** Last millisecond that RFC 3339 can write: four digits of year. */
export const LAST_INSTANT_MS = 253_402_300_799_999;

/** Milliseconds since the epoch as RFC 3339 in UTC with milliseconds. */
export const toInstant = (ms: number): string =>
  Temporal.Instant.fromEpochMilliseconds(ms).toString({ fractionalSecondDigits: 3 });

/** An RFC 3339 instant as milliseconds since the epoch. @throws RangeError where the text is none */
export const toMs = (instant: string): number => Temporal.Instant.from(instant).epochMilliseconds;
