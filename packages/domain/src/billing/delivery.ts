const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Stripe takes events of the past 35 days; an hour of them is left for the way there. */
const STRIPE_TAKES_MS = 35 * DAY_MS - HOUR_MS;
/** Stripe recognises an identifier for at least 24 hours; an hour of them is left for the way there. */
const STRIPE_REMEMBERS_MS = DAY_MS - HOUR_MS;

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30 * 60_000;

/** What came of an attempt to deliver an event. */
export type Outcome =
  /** Stripe has it, from this attempt or an earlier one. */
  | { readonly kind: 'delivered' }
  /** Stripe does not have it from this attempt, and may take it later. */
  | { readonly kind: 'postponed'; readonly problem: string }
  /** Stripe does not have it from this attempt, and never will. */
  | { readonly kind: 'refused'; readonly problem: string }
  /** Nobody knows: no answer, or one that something broke there. */
  | { readonly kind: 'unknown'; readonly problem: string };

/** What an event that waits becomes after an attempt. */
export type Next =
  | { readonly state: 'sent' }
  | { readonly state: 'pending'; readonly problem: string; readonly dueMs: number; readonly unknown: boolean }
  | { readonly state: 'held' | 'failed'; readonly problem: string };

/**
 * @param attempts this one included
 * @param unknownBefore whether the outcome of an earlier attempt is unknown
 */
export function afterAttempt(
  outcome: Outcome,
  attempts: number,
  unknownBefore: boolean,
  nowMs: number,
): Next {
  switch (outcome.kind) {
    case 'delivered':
      return { state: 'sent' };
    case 'refused':
      // What an earlier attempt delivered is refused for another reason only where that attempt was lost, too.
      return { state: unknownBefore ? 'held' : 'failed', problem: outcome.problem };
    case 'postponed':
    case 'unknown': {
      const unknown = unknownBefore || outcome.kind === 'unknown';
      return { state: 'pending', problem: outcome.problem, dueMs: nowMs + retryDelayMs(attempts), unknown };
    }
    default:
      return outcome satisfies never;
  }
}

/** Doubles with every attempt, up to half an hour. */
export const retryDelayMs = (attempts: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 20), LAST_RETRY_MS);

/** Events stamped before it are not taken any more. */
export const oldestStampMs = (nowMs: number): number => nowMs - STRIPE_TAKES_MS;

/**
 * Where the first attempt without a known outcome is older, a further one might be billed a second time: a person
 * has to look.
 */
export const oldestUnknownMs = (nowMs: number): number => nowMs - STRIPE_REMEMBERS_MS;
