const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Largest first; a unit is used from its size on. */
const UNITS = [
  ['y', 365 * DAY_MS],
  ['mo', 30 * DAY_MS],
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['min', MINUTE_MS],
  ['s', SECOND_MS],
] as const;

/** How long that is, in its largest unit: `5 d`, `3 min`; `now` below a second. */
export function span(ms: number): string {
  const size = Math.abs(ms);
  const unit = UNITS.find(([, unitMs]) => size >= unitMs);
  return unit === undefined ? 'now' : `${Math.floor(size / unit[1])} ${unit[0]}`;
}

/** `3 min ago`, `in 5 d`, `just now` */
export function away(instant: string, nowMs: number): string {
  const ms = Date.parse(instant) - nowMs;
  if (Math.abs(ms) < 5 * SECOND_MS) return ms < 0 ? 'just now' : 'in a moment';
  return ms < 0 ? `${span(ms)} ago` : `in ${span(ms)}`;
}

const day = new Intl.DateTimeFormat('en', { year: 'numeric', month: 'short', day: 'numeric' });
const minute = new Intl.DateTimeFormat('en', {
  ...({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const),
});
const second = new Intl.DateTimeFormat('en', {
  ...({ year: 'numeric', month: 'short', day: 'numeric', hourCycle: 'h23' } as const),
  ...({ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' } as const),
});
const time = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });

/** `14:05:09`, in the viewer's zone. */
export const atTime = (instant: string): string => time.format(new Date(instant));
/** `Nov 25, 2026`, in the viewer's zone. */
export const onDay = (instant: string): string => day.format(new Date(instant));
/** `Nov 25, 14:05`, in the viewer's zone. */
export const atMinute = (instant: string): string => minute.format(new Date(instant));
/** To the second, in the viewer's zone, which it names. */
export const atSecond = (instant: string): string => second.format(new Date(instant));

/** When `away` will next read differently: each second, minute or hour, by how far off it is. */
export function changesWithinMs(instant: string, nowMs: number): number {
  const size = Math.abs(Date.parse(instant) - nowMs);
  return size < MINUTE_MS ? SECOND_MS : size < HOUR_MS ? 10 * SECOND_MS : 5 * MINUTE_MS;
}
