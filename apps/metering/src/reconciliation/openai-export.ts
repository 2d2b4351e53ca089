import { scaled } from '@tollgate/contracts/money';
import { z } from 'zod';
import type { ExportReader } from './export-rows.ts';

const count = z.coerce.number().int().min(0);
const text = z.string().min(1, 'must be told: group by it');

/** A result of `/v1/organization/usage/…`, or a line of the dashboard's activity export. */
const usage = z.object({
  model: text,
  input_tokens: count,
  output_tokens: count.default(0),
  input_cached_tokens: count.default(0),
  num_model_requests: count,
});
/** A result of `/v1/organization/costs`. */
const cost = z.object({
  line_item: text,
  amount: z.object({ value: z.union([z.number(), z.string()]), currency: z.string() }),
});
/** A line of the dashboard's cost export. */
const costLine = z.object({ line_item: text, amount_value: z.string(), amount_currency: z.string() });

const USD_EXPONENT = 12;
const inUsd = (currency: string, value: number | string) => {
  if (currency.toLowerCase() !== 'usd') throw new Error(`its currency is ${currency}, not USD`);
  return scaled(value, USD_EXPONENT);
};

/** `gpt-4o-2024-08-06, input` → the model. */
const modelOf = (lineItem: string) => lineItem.split(',')[0]!;

/** OpenAI's usage and cost exports. */
export const openaiExport: ExportReader = {
  start: 'start_time',
  expects:
    'an answer of /v1/organization/usage/completions grouped by model, or of /v1/organization/costs grouped by ' +
    'line_item, or the CSV file of either',
  read(row) {
    if ('amount_value' in row) {
      const line = costLine.parse(row);
      return {
        model: modelOf(line.line_item),
        figures: { cost: inUsd(line.amount_currency, line.amount_value) },
      };
    }
    if ('amount' in row) {
      const { line_item, amount } = cost.parse(row);
      return { model: modelOf(line_item), figures: { cost: inUsd(amount.currency, amount.value) } };
    }
    // The dashboard writes a line for each day, with usage or not.
    if (!row['model'] && !Number(row['input_tokens']) && !Number(row['num_model_requests'])) return null;
    const { model, input_tokens, output_tokens, input_cached_tokens, num_model_requests } = usage.parse(row);
    return {
      model,
      figures: {
        requests: BigInt(num_model_requests),
        input: BigInt(input_tokens),
        cached_input: BigInt(input_cached_tokens),
        output: BigInt(output_tokens),
      },
    };
  },
};
