import { count, countShort } from '../figures/count.ts';
import { usd, usdShort } from '../figures/money.ts';
import type { Measure, Used } from './series.ts';

export const MEASURES: readonly { readonly value: Measure; readonly label: string }[] = [
  { value: 'cost_usd', label: 'Cost' },
  { value: 'tokens', label: 'Tokens' },
  { value: 'requests', label: 'Requests' },
];

/** A figure of use in words: cost from its decimal string, never from a float. */
export const told = (used: Used, measure: Measure): string =>
  measure === 'cost_usd' ? usd(used.cost_usd) : count(used[measure]);

/** What stands at the chart's axis. */
export const tick = (measure: Measure) => (value: number) =>
  measure === 'cost_usd' ? usdShort(value.toFixed(6)) : countShort(value);
