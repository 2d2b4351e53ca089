const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Pauses after the first failures; after those the last one, again and again. */
const PAUSES_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
] as const;
/** From the first try: what has not arrived by then is given up. */
export const GIVE_UP_AFTER_MS = 72 * HOUR_MS;
/** A receiver may ask for a longer pause, but not for more than this. */
export const MOST_RETRY_AFTER_MS = HOUR_MS;
/** Receivers that came back are not met by everything at the same instant: ± 20 %. */
const JITTER = 0.2;
const GONE = 410;

/** What a receiver answered; `status` is `null` where it did not. */
export interface ReceiverAnswer {
  readonly status: number | null;
  /** The pause it asked for. */
  readonly retryAfterMs: number | null;
}

export interface Series {
  /** Attempts that failed before this one. */
  readonly failures: number;
  /** When the series began; a retry by hand begins a new one. */
  readonly sinceMs: number;
  readonly nowMs: number;
  /** From 0 to 1, drawn at random by the caller. */
  readonly random: number;
}

export type AfterAttempt =
  | { readonly state: 'delivered' }
  | { readonly state: 'pending'; readonly dueMs: number }
  /** `gone`: the receiver wants nothing more, ever. */
  | { readonly state: 'failed'; readonly gone: boolean };

/** What becomes of a delivery after an attempt: any 2xx is success, 410 the end, and all else is tried again. */
export function afterAttempt({ status, retryAfterMs }: ReceiverAnswer, series: Series): AfterAttempt {
  if (status !== null && status >= 200 && status < 300) return { state: 'delivered' };
  if (status === GONE) return { state: 'failed', gone: true };
  const { failures, sinceMs, nowMs, random } = series;
  const pauseMs = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)]!;
  const jitteredMs = Math.round(pauseMs * (1 - JITTER + 2 * JITTER * random));
  const askedMs = Math.min(retryAfterMs ?? 0, MOST_RETRY_AFTER_MS);
  const dueMs = nowMs + Math.max(jitteredMs, askedMs);
  return dueMs > sinceMs + GIVE_UP_AFTER_MS ? { state: 'failed', gone: false } : { state: 'pending', dueMs };
}
