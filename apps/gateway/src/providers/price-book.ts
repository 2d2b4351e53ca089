import { parseUsd, usdInput } from '@tollgate/contracts/money';
import { type ModelPrice, priceTier } from '@tollgate/domain/admission/price';
import { z } from 'zod';
import { readJsonFile } from './json-file.ts';

const TOKENS_PER_PRICE = 1_000_000n;

/** USD per million tokens, kept as picodollars per token. */
const perMillion = usdInput.transform((text, ctx) => {
  const picodollars = parseUsd(text);
  if (picodollars >= 0n && picodollars % TOKENS_PER_PRICE === 0n) return picodollars / TOKENS_PER_PRICE;
  ctx.addIssue({ code: 'custom', message: 'must be USD per million tokens, with at most 6 decimals' });
  return z.NEVER;
});

const priceFile = z.strictObject({
  version: z.string().min(1).max(64),
  models: z.record(
    z.string(),
    z.strictObject({ input: perMillion, cached_input: perMillion.optional(), output: perMillion }),
  ),
});

/** `gpt-4o-mini-2024-07-18` is priced as `gpt-4o-mini`. */
const SNAPSHOT = /-\d{4}-\d{2}-\d{2}$/;

/** What models cost, under one version that every usage record names. */
export interface PriceBook {
  readonly version: string;
  /**
   * The price of a provider's model at an instant (ms since 1970); `null` where it has none.
   * @param provider its name in the providers' file
   */
  priceOf(provider: string, model: string, atMs: number): ModelPrice | null;
  /** The models of a provider that have a price, by name. */
  modelsOf(provider: string): string[];
}

/** Reads the price file. @throws ConfigError */
export function readPriceBook(path: string): PriceBook {
  const { version, models } = readJsonFile(path, priceFile, 'TOLLGATE_PRICES');
  const prices = new Map<string, ModelPrice>();
  for (const [model, { input, cached_input = input, output }] of Object.entries(models)) {
    const tier = priceTier(0, { input, cachedInput: cached_input, output });
    prices.set(model, { tiers: [tier], perRequest: 0n, maxOutputTokens: null, contextWindow: null });
  }
  return {
    version,
    priceOf: (_provider, model) => prices.get(model) ?? prices.get(model.replace(SNAPSHOT, '')) ?? null,
    modelsOf: () => [...prices.keys()],
  };
}
