import { z } from 'zod';
import { period } from './events.ts';
import { instantInput } from './instant.ts';
import { limitsInput } from './limits.ts';
import { LONGEST_EXPORT_DAYS, meter } from './metering-http.ts';
import { parseUsd, usdAmount, usdInput } from './money.ts';
import { checkSpan, spanFields } from './span.ts';

const scopeIdText = z.string().regex(/^[\w~.-]{1,128}$/, 'must be the id of a key, team or organization');
const actor = z.string().trim().min(1).max(128).default('internal');
const reason = z.string().trim().min(1, 'must say why').max(512);

/** `repair: true` sets totals that the ledger contradicts; without it they are only counted. */
export const rebuildBody = z.strictObject({ repair: z.boolean().default(false), actor });
export type RebuildBody = z.output<typeof rebuildBody>;
export const rebuildProgress = z.object({ scopes: z.int(), of: z.int() });
export type RebuildProgress = z.infer<typeof rebuildProgress>;
export const rebuildResult = z.object({
  scopes: z.int(),
  records: z.int(),
  /** SHA-256 over all totals in order, as they are kept and as the ledger adds up. */
  kept_sha256: z.string(),
  ledger_sha256: z.string(),
  equal: z.boolean(),
  /** How many scopes had totals that the ledger contradicts, the first of them, and how many were set right. */
  differing: z.int(),
  differing_ids: z.array(z.string()),
  repaired: z.int(),
});
export type RebuildResult = z.infer<typeof rebuildResult>;

/** Gives back cost and tokens of a key in its current period; made again with the same `id`, it counts once. */
export const creditBody = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\w.-]{1,100}$/, 'must be 1 to 100 letters, digits, dots, dashes or underscores')
      .optional(),
    key_id: z.string().min(1).max(128),
    cost_usd: usdInput.default('0.00').refine((usd) => !usd.startsWith('-'), 'must not be negative'),
    tokens: z.int('must be a whole number').min(0, 'must not be negative').default(0),
    reason,
    actor,
  })
  .refine(({ cost_usd, tokens }) => parseUsd(cost_usd) > 0n || tokens > 0, {
    path: ['cost_usd'],
    message: 'must be more than zero, unless tokens are',
  });
export type CreditBody = z.infer<typeof creditBody>;
export const creditAnswer = z.object({
  id: z.string(),
  /** `false`: it had been applied before. */
  applied: z.boolean(),
  meter,
});
export type CreditAnswer = z.infer<typeof creditAnswer>;

export const quarantined = z.object({
  id: z.string(),
  admitted_at: z.string(),
  reason: z.enum(['ahead', 'behind', 'malformed']),
  quarantined_at: z.string(),
  record: z.record(z.string(), z.unknown()),
});
export type Quarantined = z.infer<typeof quarantined>;
/** Oldest first, 1 000 at most; `total` tells how many there are. */
export const quarantineAnswer = z.object({ total: z.int(), data: z.array(quarantined) });
export type QuarantineAnswer = z.infer<typeof quarantineAnswer>;
export const releaseBody = z.strictObject({
  ids: z.array(z.string().min(1).max(300)).min(1).max(1_000),
  reason,
  actor,
});
export type ReleaseBody = z.infer<typeof releaseBody>;
/** Which were released and now count, which the ledger had already, and which cannot be counted by anyone. */
export const releaseAnswer = z.object({
  released: z.array(z.string()),
  duplicates: z.array(z.string()),
  refused: z.array(z.string()),
  unknown: z.array(z.string()),
});
export type ReleaseAnswer = z.infer<typeof releaseAnswer>;

export const FEWEST_MONTHS_KEPT = 2;
/** Drops the ledger's months (UTC) before the last so many and the current one. */
export const retireBody = z.strictObject({
  keep_months: z
    .int('must be a whole number')
    .min(FEWEST_MONTHS_KEPT, `must be ${FEWEST_MONTHS_KEPT} or more: records may come 35 days late`)
    .max(1_200, 'must be 1200 or less'),
  actor,
});
export type RetireBody = z.output<typeof retireBody>;
export const retireProgress = z.object({ month: z.string(), records: z.int() });
export type RetireProgress = z.infer<typeof retireProgress>;
/** The months that left, oldest first: `2026-01`. */
export const retireResult = z.object({ months: z.array(z.string()), records: z.int() });
export type RetireResult = z.infer<typeof retireResult>;

/** Limits that are thought of, over what a scope did in [from, to). */
export const backtestBody = z
  .strictObject({
    scope_id: scopeIdText,
    limits: limitsInput,
    ...spanFields,
  })
  .superRefine((body, ctx) => checkSpan(body, LONGEST_EXPORT_DAYS, ctx));
export type BacktestBody = z.infer<typeof backtestBody>;
const requestCounts = z.object({
  requests: z.int(),
  refused: z.int(),
  first_refused_at: z.string().nullable(),
});
/** What the limits would have refused, under soft enforcement; corrections and manual resets are left out. */
export const backtestAnswer = z.object({
  from: z.string(),
  to: z.string(),
  requests: z.int(),
  refused: z.int(),
  /** By the first limit that a request met. */
  refused_by: z.object({ requests_per_minute: z.int(), cost_usd: z.int(), tokens: z.int() }),
  /** What the refused requests had used. */
  saved: z.object({ cost_usd: usdAmount, tokens: z.int() }),
  /** Those with use, oldest first; 1 000 at most. */
  periods: z.array(
    requestCounts.extend({ period, used: z.object({ cost_usd: usdAmount, tokens: z.int() }) }),
  ),
});
export type BacktestAnswer = z.infer<typeof backtestAnswer>;

const provider = z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be the name of a provider, such as "openai"');
/**
 * Rates the records admitted in [from, to) by the prices that metering has now. Without `apply` it only tells what
 * would come of it. `to` is now unless said.
 */
export const reratingBody = z
  .strictObject({
    /** A key, team or organization; all records unless said. */
    scope_id: scopeIdText.optional(),
    from: instantInput,
    to: instantInput.optional(),
    provider: provider.optional(),
    /** As it was asked for, or as the provider calls it. */
    model: z.string().min(1).max(256).optional(),
    apply: z.boolean().default(false),
    reason: reason.optional(),
    actor,
  })
  .superRefine((body, ctx) => {
    checkSpan(body, LONGEST_EXPORT_DAYS, ctx);
    if (body.apply && body.reason === undefined) {
      ctx.addIssue({
        code: 'custom',
        path: ['reason'],
        message: 'must say why, for the corrections to carry',
      });
    }
  });
export type ReratingBody = z.output<typeof reratingBody>;
export const reratingProgress = z.object({ records: z.int(), until: z.string() });
export type ReratingProgress = z.infer<typeof reratingProgress>;
const reratedSums = z.object({
  records: z.int(),
  /** With earlier re-ratings; what had no price is nothing. */
  was_usd: usdAmount,
  is_usd: usdAmount,
  difference_usd: usdAmount,
});
/** What re-rating changes; `records` of a line are those whose cost differs. */
export const reratingResult = z.object({
  price_version: z.string(),
  from: z.string(),
  to: z.string(),
  /** Records that were looked at, that still have no price, and whose cost is a bound that no price explains. */
  records: z.int(),
  unpriced: z.int(),
  bounds: z.int(),
  differing: reratedSums,
  /** How many corrections were made. */
  corrected: z.int(),
  /** By day (UTC) and model, oldest first; 1 000 at most. */
  lines: z.array(reratedSums.extend({ day: z.string(), provider: z.string(), model: z.string() })),
});
export type ReratingResult = z.infer<typeof reratingResult>;

export const RECONCILED_PROVIDERS = ['openai', 'anthropic'] as const;
export const LARGEST_PROVIDER_EXPORT = 32 * 1_048_576;
/** A provider's own figures beside the ledger's. */
export const reconciliationBody = z.strictObject({
  /** Whose export it is: what decides how it is read. */
  format: z.enum(RECONCILED_PROVIDERS),
  /** The provider's name in the ledger; that of the format unless said. */
  provider: provider.optional(),
  /** The text of a CSV file or of JSON answers of the provider's usage or cost API, one or an array of pages. */
  export: z.string().min(1, 'must not be empty').max(LARGEST_PROVIDER_EXPORT),
  /** How far figures may be apart and still count as equal, in percent of the larger: cost exports are rounded. */
  tolerance_percent: z.number().min(0, 'must be from 0 to 100').max(100, 'must be from 0 to 100').default(0),
  actor,
});
export type ReconciliationBody = z.output<typeof reconciliationBody>;
/** Figures of a day and model; what an export does not tell is absent. Input has cached input and cache writes in it. */
export const providerFigures = z.object({
  requests: z.int().optional(),
  input: z.int().optional(),
  cached_input: z.int().optional(),
  cache_write: z.int().optional(),
  output: z.int().optional(),
  cost_usd: usdAmount.optional(),
});
export type ProviderFigures = z.infer<typeof providerFigures>;
export const reconciliationLine = z.object({
  /** UTC. */
  day: z.string(),
  model: z.string(),
  provider: providerFigures,
  ledger: providerFigures,
  /** What the provider has more than the ledger. */
  difference: providerFigures,
});
export type ReconciliationLine = z.infer<typeof reconciliationLine>;
export const reconciliationAnswer = z.object({
  provider: z.string(),
  /** First and last day of the export. */
  from: z.string(),
  to: z.string(),
  /** Days and models compared, and those that differ. */
  compared: z.int(),
  differing: z.int(),
  totals: z.object({ provider: providerFigures, ledger: providerFigures, difference: providerFigures }),
  /** Those that differ, oldest first; 1 000 at most. */
  lines: z.array(reconciliationLine),
});
export type ReconciliationAnswer = z.infer<typeof reconciliationAnswer>;

/** What a gateway may still use of a scope's cost and tokens, or may have used without telling. */
export const allowanceHeld = z.object({
  id: z.string(),
  scope_id: z.string(),
  instance: z.string(),
  incarnation: z.int(),
  period_id: z.string(),
  generation: z.int(),
  state: z.enum(['held', 'returned', 'lost']),
  granted: z.object({ cost_usd: usdAmount, tokens: z.int() }),
  outstanding: z.object({ cost_usd: usdAmount, tokens: z.int() }),
  /** Of a lost one: what its scope was charged, less what records came to since. */
  charged: z.object({ cost_usd: usdAmount, tokens: z.int() }),
  heard_at: z.string(),
});
export type AllowanceHeld = z.infer<typeof allowanceHeld>;
/** 1 000 at most. */
export const allowancesHeldAnswer = z.object({ data: z.array(allowanceHeld) });
export type AllowancesHeldAnswer = z.infer<typeof allowancesHeldAnswer>;

/** Declares lost what a gateway holds that has ended and will not start again. */
export const loseBody = z.strictObject({
  instance: z.string().min(1).max(64),
  reason,
  actor,
});
export type LoseBody = z.infer<typeof loseBody>;
export const loseAnswer = z.object({ lost: z.int() });
export type LoseAnswer = z.infer<typeof loseAnswer>;

/** Invariants of the database that do not hold, with rows that show it; none while all is well. */
export const checkAnswer = z.object({
  checks: z.int(),
  violated: z.array(
    z.object({
      check: z.string(),
      /** What should hold, and what to do where it does not. */
      meaning: z.string(),
      count: z.int(),
      /** 20 at most. */
      rows: z.array(z.record(z.string(), z.unknown())),
    }),
  ),
});
export type CheckAnswer = z.infer<typeof checkAnswer>;

/** The broker's topics were made anew; without `apply` it is only said what would be done. */
export const reanchorBody = z.strictObject({ apply: z.boolean().default(false), actor });

/** Writes the ledger's records that were admitted in [from, to) to the topics again. */
export const resendBody = z
  .strictObject({ from: instantInput, to: instantInput.optional(), apply: z.boolean().default(false) })
  .refine(({ from, to }) => to === undefined || from < to, { path: ['to'], message: 'must be after from' });
