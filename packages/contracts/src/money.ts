import { z } from 'zod';

/**
 * Money inside Tollgate is a bigint count of **picodollars** (10⁻¹² USD): every catalog price, given in USD
 * per million tokens with up to six decimals, is a whole number of them per token, so a cost is a product and
 * a sum of integers and never rounds. On the wire money is a decimal string.
 */
export const PICODOLLARS_PER_USD = 1_000_000_000_000n;
const DECIMALS = 12;
const FEWEST_SHOWN = 2;
const DECIMAL = /^(-?)(\d{1,18})(?:\.(\d{1,12}))?$/;

/**
 * Reads a decimal string of USD, at most 18 digits before and 12 after the point.
 * @throws RangeError where the text is not such a decimal
 */
export function parseUsd(text: string): bigint {
  const match = DECIMAL.exec(text);
  if (!match) throw new RangeError(`not a USD amount with at most ${DECIMALS} decimals: ${text}`);
  const [, sign, whole = '0', fraction = ''] = match;
  const amount = BigInt(whole) * PICODOLLARS_PER_USD + BigInt(fraction.padEnd(DECIMALS, '0'));
  return sign ? -amount : amount;
}

/** Writes picodollars as the shortest decimal string of USD with at least two decimals: `12.50`, `0.000125`. */
export function formatUsd(picodollars: bigint): string {
  const sign = picodollars < 0n ? '-' : '';
  const digits = String(picodollars < 0n ? -picodollars : picodollars).padStart(DECIMALS + 1, '0');
  const point = digits.length - DECIMALS;
  let end = digits.length;
  while (end > point + FEWEST_SHOWN && digits[end - 1] === '0') end -= 1;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point, end)}`;
}

/**
 * A decimal × 10^exponent, as an integer. Of a number it takes the shortest decimal form, which is what was written
 * where it came from JSON; beyond the last place it rounds to the nearest, a half up.
 * @throws SyntaxError where the text is not a decimal
 */
export function scaled(value: number | string, exponent: number): bigint {
  const [mantissa = '', power = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = BigInt(whole + fraction);
  const places = exponent + Number(power) - fraction.length;
  if (places >= 0) return digits * 10n ** BigInt(places);
  const divisor = 10n ** BigInt(-places);
  return (digits * 2n + divisor) / (divisor * 2n);
}

/** A number's shortest decimal form without an exponent, so that `1e-7` and `"0.0000001"` are the same input. */
function plainDecimal(value: number): string {
  const text = String(value);
  const match = /^(\d)(?:\.(\d+))?e-(\d+)$/.exec(text);
  if (!match) return text;
  const [, lead = '', rest = '', exponent = '0'] = match;
  return `0.${'0'.repeat(Number(exponent) - 1)}${lead}${rest}`;
}

/** USD on the wire: a decimal string; negative only where a correction takes something off. */
export const usdAmount = z.string().regex(DECIMAL, 'must be a decimal string such as "12.50"');

/** USD as people send it: a decimal string or a number; normalised to the string that {@link formatUsd} writes. */
export const usdInput = z
  .union([z.string(), z.number()], { error: 'must be a decimal string such as "12.50", or a number' })
  .transform((value, ctx) => {
    const text = typeof value === 'number' ? plainDecimal(value) : value.trim();
    if (DECIMAL.test(text)) return formatUsd(parseUsd(text));
    ctx.addIssue({ code: 'custom', message: 'must be an amount in USD with at most 12 decimals' });
    return z.NEVER;
  });
