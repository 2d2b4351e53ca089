import { z } from 'zod';
import { instantInput } from './instant.ts';
import { parseUsd, usdAmount } from './money.ts';

/** A gateway's name, and its number among the processes that had that name: later ones have greater numbers. */
export const holder = {
  instance: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be the name of a gateway'),
  incarnation: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
};
const scopeId = z.string().min(1).max(128);
/** Stands in records as it is. */
const allowanceId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the id of an allowance');
const count = z.int('must be a whole number').nonnegative('must not be negative');
const usd = usdAmount.refine((text) => parseUsd(text) >= 0n, 'must not be negative');
const counted = z.strictObject({ cost_usd: usd, tokens: count });

export const MOST_ALLOWANCE_ASKS = 1_000;

/** What a gateway says of one scope: what it keeps of what it was granted, uses of that, and needs beyond. */
export const allowanceAsk = z.strictObject({
  scope_id: scopeId,
  /** An instant of the period that it is about, and that period's id as the gateway takes it to be. */
  at: instantInput,
  period_id: z.string().min(1).max(32),
  generation: count,
  limit_revision: count,
  /** Of this period and generation; `null`: none that it knows of. */
  allowance_id: allowanceId.nullable(),
  keeps: counted,
  uses: counted,
  needs: counted,
  /** The same of requests in 60 s; `null` leaves its share as it is. */
  requests: z.strictObject({ keeps: count, uses: count, needs: count }).nullable(),
  /** `part` of what is free, no more than it `needs`, or `nothing` any more. */
  wants: z.enum(['part', 'needs', 'nothing']),
});
export type AllowanceAsk = z.infer<typeof allowanceAsk>;

/** Calls of an incarnation are numbered; one that is not later than the last that was heard is a 409 `stale_call`. */
export const allowancesBody = z.strictObject({
  ...holder,
  call: z.int().positive(),
  /** Gateways that the caller takes to be live, itself included. */
  live: z.int().min(1).max(10_000),
  asks: z.array(allowanceAsk).min(1).max(MOST_ALLOWANCE_ASKS),
});
export type AllowancesBody = z.infer<typeof allowancesBody>;

export const allowanceGrant = z.object({
  scope_id: z.string(),
  outcome: z.enum(['granted', 'short', 'waiting', 'behind']),
  /** To be named by the records of what is used of it. */
  allowance_id: allowanceId.nullable(),
  /** In all, of that allowance. */
  granted: z.object({ cost_usd: usdAmount, tokens: z.int() }),
  /** Of requests in 60 s, good for 60 s from when the call left. */
  share: z.int(),
  /** Whether there is anything beyond, here or with others. */
  more: z.boolean(),
  /** For so long asking again is in vain. */
  again_ms: z.int(),
});
export type AllowanceGrant = z.infer<typeof allowanceGrant>;
/** One for each ask, in order. */
export const allowancesAnswer = z.object({ data: z.array(allowanceGrant) });
export type AllowancesAnswer = z.infer<typeof allowancesAnswer>;

/**
 * Every earlier incarnation of an instance has ended, and all that it recorded is before these offsets of the usage
 * topic: what it was given is free when they are counted.
 */
export const finishedBody = z.strictObject({
  ...holder,
  /** Partition → next offset. */
  through: z.record(z.string().regex(/^\d{1,6}$/), z.string().regex(/^\d{1,19}$/)),
});
export type FinishedBody = z.infer<typeof finishedBody>;
