import { type Limits, type LimitsInput, UNLIMITED } from '@tollgate/contracts/limits';

/** Limits as a form holds them: what is written in its fields. */
export interface LimitValues {
  cost_usd: string;
  tokens: string | number;
  requests_per_minute: string | number;
  reset_period: Limits['reset_period'];
  timezone: string;
  enforcement: Limits['enforcement'];
}

export const limitValuesOf = (limits: Limits = UNLIMITED): LimitValues => ({
  ...limits,
  cost_usd: limits.cost_usd ?? '',
  tokens: limits.tokens ?? '',
  requests_per_minute: limits.requests_per_minute ?? '',
});

/** A number where there is one; else what was written, for the API's schema to speak of. */
const numberOf = (written: string | number) => {
  const text = String(written).trim();
  if (text === '') return null;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : (text as unknown as number);
};

/** An empty field lifts a limit. Thousands may be parted: `1,000.50`. */
export const limitsInputOf = (values: LimitValues): LimitsInput => ({
  cost_usd: values.cost_usd.trim() === '' ? null : values.cost_usd.trim().replace(/(?<=\d),(?=\d{3})/g, ''),
  tokens: numberOf(values.tokens),
  requests_per_minute: numberOf(values.requests_per_minute),
  reset_period: values.reset_period,
  timezone: values.timezone,
  enforcement: values.enforcement,
});
