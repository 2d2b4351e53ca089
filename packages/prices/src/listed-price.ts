import type { ModelPrice as ListedPrice } from '@pydantic/genai-prices';
import { scaled } from '@tollgate/contracts/money';
import {
  type ModelPrice,
  type PriceTier,
  priceTier,
  type TokenRates,
} from '@tollgate/domain/admission/price';

/** The catalog's name of each rate, in USD per million tokens. */
const LISTED_RATES: Readonly<Record<keyof TokenRates, string>> = {
  input: 'input_mtok',
  inputAudio: 'input_audio_mtok',
  cachedInput: 'cache_read_mtok',
  cacheWrite: 'cache_write_mtok',
  cacheWrite1h: 'cache_write_1h_mtok',
  output: 'output_mtok',
  outputAudio: 'output_audio_mtok',
  reasoning: 'output_reasoning_mtok',
};
/** Output that providers count together with text: all of it is taken for the dearer kind. */
const OUTPUT_BESIDE_TEXT = ['output_image_mtok', 'output_video_mtok'];
const PER_THOUSAND_REQUESTS = 'requests_kcount';

/** USD per million tokens → picodollars per token. */
const TOKEN_EXPONENT = 6;
/** USD per thousand requests → picodollars per request. */
const REQUEST_EXPONENT = 9;

/**
 * What the catalog asks of a model at an instant, from when on; `null` where it does not bill by tokens, or in a way
 * that is not understood here. An empty list of prices is the catalog's way to say that a model is free.
 */
export function readListedPrice(listed: ListedPrice, contextWindow: number | null): ModelPrice | null {
  if (!Object.values(listed).every(isListedRate)) return null;
  const rates = new Map<keyof TokenRates, ListedRate>();
  for (const [rate, name] of Object.entries(LISTED_RATES)) {
    const value = listed[name];
    if (value !== undefined) rates.set(rate as keyof TokenRates, value);
  }
  if (!rates.has('input') && Object.keys(listed).length > 0) return null;
  const starts = [...rates.values()].flatMap((rate) =>
    typeof rate === 'number' ? [] : rate.tiers.map(afterStart),
  );
  const beside = OUTPUT_BESIDE_TEXT.flatMap((name) => listed[name] ?? []);
  const tiers = [...new Set(starts)].sort((a, b) => a - b).map((from) => tierAt(from, rates, beside));
  const perRequest = listed[PER_THOUSAND_REQUESTS] ?? 0;
  if (typeof perRequest !== 'number') return null;
  return {
    tiers: [tierAt(0, rates, beside), ...tiers],
    perRequest: scaled(perRequest, REQUEST_EXPONENT),
    maxOutputTokens: null,
    contextWindow,
  };
}

type ListedRate = Exclude<ListedPrice[string], undefined>;

const isAmount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

function isListedRate(value: unknown): boolean {
  if (value === undefined || isAmount(value)) return true;
  const { base, tiers } = value as { base?: unknown; tiers?: unknown };
  return (
    isAmount(base) &&
    Array.isArray(tiers) &&
    tiers.every(({ start, price }) => Number.isSafeInteger(start) && start >= 0 && isAmount(price))
  );
}

/** A listed tier holds for inputs larger than its start. */
const afterStart = ({ start }: { start: number }) => start + 1;

function tierAt(
  from: number,
  rates: ReadonlyMap<keyof TokenRates, ListedRate>,
  beside: ListedRate[],
): PriceTier {
  const at = (rate: ListedRate): bigint => {
    if (typeof rate === 'number') return scaled(rate, TOKEN_EXPONENT);
    const reached = rate.tiers.filter((tier) => afterStart(tier) <= from).sort((a, b) => a.start - b.start);
    return scaled(reached.at(-1)?.price ?? rate.base, TOKEN_EXPONENT);
  };
  const known = Object.fromEntries([...rates].map(([name, rate]) => [name, at(rate)])) as Partial<TokenRates>;
  const { input = 0n, output = 0n } = known;
  let dearestOutput = output;
  for (const rate of beside.map(at)) if (rate > dearestOutput) dearestOutput = rate;
  return priceTier(from, { ...known, input, output: dearestOutput });
}
