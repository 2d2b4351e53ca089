import type { Dimension, Limits, ResetPeriod } from '@tollgate/contracts/limits';

/** A kind of limit as a sentence has it: `the cost limit`. */
export const LIMIT_WORDS: Record<Dimension, string> = {
  requests_per_minute: 'requests-per-minute limit',
  cost_usd: 'cost limit',
  tokens: 'token limit',
};

export const PERIOD_WORDS: Record<ResetPeriod, string> = {
  never: 'Never',
  daily: 'Daily',
  weekly: 'Weekly, from Monday',
  monthly: 'Monthly',
  yearly: 'Yearly',
};

export const PER_PERIOD: Record<ResetPeriod, string> = {
  never: 'in total',
  daily: 'a day',
  weekly: 'a week',
  monthly: 'a month',
  yearly: 'a year',
};

export const ENFORCEMENT_WORDS: Record<Limits['enforcement'], readonly [title: string, about: string]> = {
  soft: ['Stop new requests', 'The request that crosses the limit completes; the next is refused.'],
  hard: [
    'Never exceed',
    'What a request may cost is held before it starts, so that the limit is never passed.',
  ],
};
