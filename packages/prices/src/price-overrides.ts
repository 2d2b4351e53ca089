import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseUsd, usdInput } from '@tollgate/contracts/money';
import { readJsonFile } from '@tollgate/service-kit/json-file';
import { z } from 'zod';

const HASH_DIGITS = 12;
const TOKENS_PER_PRICE = 1_000_000n;
/** USD per million tokens, kept as picodollars per token. */
const perMillion = usdInput.transform((text, ctx) => {
  const picodollars = parseUsd(text);
  if (picodollars >= 0n && picodollars % TOKENS_PER_PRICE === 0n) return picodollars / TOKENS_PER_PRICE;
  ctx.addIssue({ code: 'custom', message: 'must be USD per million tokens, with at most 6 decimals' });
  return z.NEVER;
});

const override = z
  .strictObject({
    input: perMillion.optional(),
    cached_input: perMillion.optional(),
    cache_write: perMillion.optional(),
    output: perMillion.optional(),
    max_output_tokens: z.int().positive().optional(),
    context_window: z.int().positive().optional(),
  })
  .refine(({ input, output }) => (input === undefined) === (output === undefined), {
    message: 'needs both "input" and "output", or neither to keep the catalog\'s prices',
  })
  .refine(
    ({ input, cached_input, cache_write }) =>
      input !== undefined || (cached_input === undefined && cache_write === undefined),
    {
      message: 'needs "input" and "output" beside prices of the cache',
    },
  );
/** What the file says of a model; prices in picodollars per token. */
export type Override = z.output<typeof override>;

const priceFile = z.strictObject({
  /** A label for people; records name the file by its hash. */
  version: z.string().max(64).optional(),
  /** By `provider/model`, or by a `model` without a slash for every provider. */
  models: z.record(z.string(), override),
});

export type PricedOverride = Override & { readonly input: bigint; readonly output: bigint };

export const hasPrices = (own: Override): own is PricedOverride => own.input !== undefined;

export interface Overrides {
  /** By `provider/model`, or by `model` for every provider. */
  readonly models: ReadonlyMap<string, Override>;
  /** Names the file's content. */
  readonly hash: string;
}

/** Reads the file of prices that go before the catalog's, and of bounds that it lacks. @throws ConfigError */
export function readOverrides(path: string): Overrides {
  const { models } = readJsonFile(path, priceFile, 'TOLLGATE_PRICES');
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, HASH_DIGITS);
  return { models: new Map(Object.entries(models)), hash };
}
