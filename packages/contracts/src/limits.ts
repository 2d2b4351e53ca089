import { z } from 'zod';
import { parseUsd, usdAmount, usdInput } from './money.ts';

export const RESET_PERIODS = ['never', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export const resetPeriod = z.enum(RESET_PERIODS);
export type ResetPeriod = z.infer<typeof resetPeriod>;

/** What is counted, in the order in which a request is checked against it. */
export const DIMENSIONS = ['requests_per_minute', 'cost_usd', 'tokens'] as const;
export const dimension = z.enum(DIMENSIONS);
export type Dimension = z.infer<typeof dimension>;

export const scopeKind = z.enum(['key', 'team', 'organization']);
export type ScopeKind = z.infer<typeof scopeKind>;

/** The limits of a scope, complete: `null` is unlimited. */
export const limits = z.object({
  cost_usd: usdAmount.nullable(),
  tokens: z.int().positive().nullable(),
  requests_per_minute: z.int().min(1).max(1_000_000).nullable(),
  reset_period: resetPeriod,
  timezone: z.string(),
  enforcement: z.enum(['soft', 'hard']),
});
export type Limits = z.infer<typeof limits>;

export const UNLIMITED: Limits = {
  cost_usd: null,
  tokens: null,
  requests_per_minute: null,
  reset_period: 'never',
  timezone: 'UTC',
  enforcement: 'soft',
};

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** Limits as an administrator sends them: every field optional; merged over what is there. */
export const limitsInput = z.strictObject({
  cost_usd: usdInput
    .refine((text) => parseUsd(text) > 0n, 'must be greater than 0; null means unlimited')
    .nullable()
    .optional(),
  tokens: z
    .int('must be a whole number')
    .positive('must be greater than 0; null means unlimited')
    .nullable()
    .optional(),
  requests_per_minute: z
    .int('must be a whole number')
    .min(1, 'must be from 1 to 1000000; null means unlimited')
    .max(1_000_000, 'must be from 1 to 1000000; null means unlimited')
    .nullable()
    .optional(),
  reset_period: resetPeriod.optional(),
  timezone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be an IANA time zone such as "Europe/Amsterdam"')
    .optional(),
  enforcement: z.enum(['soft', 'hard']).optional(),
});
export type LimitsInput = z.infer<typeof limitsInput>;
