import { scaled } from '@tollgate/contracts/money';
import type { DayFigures } from '@tollgate/domain/metering/reconcile';
import { z } from 'zod';
import type { ExportReader } from './export-rows.ts';

const count = z.coerce.number().int().min(0);
const text = z.string().min(1, 'must be told: group by it');

/** A result of `/v1/organizations/usage_report/messages`. */
const usage = z.object({
  model: text,
  uncached_input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation: z.object({ ephemeral_1h_input_tokens: count, ephemeral_5m_input_tokens: count }),
  output_tokens: count,
});
/** A line of the console's usage export. */
const usageLine = z.object({
  model_version: text,
  usage_input_tokens_no_cache: count,
  usage_input_tokens_cache_write_5m: count,
  usage_input_tokens_cache_write_1h: count,
  usage_input_tokens_cache_read: count,
  usage_output_tokens: count,
});
/** A result of `/v1/organizations/cost_report`; what is not for a model has a description. */
const cost = z.object({
  model: z.string().nullish(),
  description: z.string().nullish(),
  amount: z.string(),
  currency: z.literal('USD'),
});
/** A line of the console's cost export. */
const costLine = z.object({ model: text, cost_usd: z.string() });

const USD_EXPONENT = 12;
/** The API tells amounts in cents. */
const CENT_EXPONENT = 10;

/** Anthropic's usage and cost exports. */
export const anthropicExport: ExportReader = {
  start: 'starting_at',
  expects:
    'an answer of /v1/organizations/usage_report/messages grouped by model, or of /v1/organizations/cost_report ' +
    'grouped by description, or the CSV file of either',
  read(row) {
    if ('cost_usd' in row) {
      const { model, cost_usd } = costLine.parse(row);
      return { model, figures: { cost: scaled(cost_usd, USD_EXPONENT) } };
    }
    if ('amount' in row) {
      const { model, description, amount } = cost.parse(row);
      return { model: text.parse(model ?? description), figures: { cost: scaled(amount, CENT_EXPONENT) } };
    }
    if ('model_version' in row) {
      const line = usageLine.parse(row);
      return {
        model: line.model_version,
        figures: tokens(
          line.usage_input_tokens_no_cache,
          line.usage_input_tokens_cache_read,
          line.usage_input_tokens_cache_write_5m + line.usage_input_tokens_cache_write_1h,
          line.usage_output_tokens,
        ),
      };
    }
    const { model, uncached_input_tokens, cache_read_input_tokens, cache_creation, output_tokens } =
      usage.parse(row);
    const written = cache_creation.ephemeral_1h_input_tokens + cache_creation.ephemeral_5m_input_tokens;
    return { model, figures: tokens(uncached_input_tokens, cache_read_input_tokens, written, output_tokens) };
  },
};

const tokens = (
  uncached: number,
  cached: number,
  written: number,
  output: number,
): DayFigures['figures'] => ({
  input: BigInt(uncached) + BigInt(cached) + BigInt(written),
  cached_input: BigInt(cached),
  cache_write: BigInt(written),
  output: BigInt(output),
});
