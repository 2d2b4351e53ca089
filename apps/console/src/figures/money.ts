import { PICODOLLARS_PER_USD, parseUsd } from '@tollgate/contracts/money';

/** Digits that matter of an amount below a dollar. */
const SIGNIFICANT = 3;
const DECIMALS = 12;
const UNITS = [
  ['T', 1_000_000_000_000n],
  ['B', 1_000_000_000n],
  ['M', 1_000_000n],
  ['K', 1_000n],
] as const;
/** Below this an amount has room for its cents. */
const SHORT_FROM = 10_000n * PICODOLLARS_PER_USD;

/** `1234567` → `1,234,567` */
export const grouped = (digits: string) => digits.replace(/\B(?=(\d{3})+$)/g, ',');

const rounded = (value: bigint, unit: bigint) => (value + unit / 2n) / unit;

/** So many decimals as a small amount needs to show its first digits that are not zero. */
function decimalsOf(size: bigint): number {
  if (size === 0n || size >= PICODOLLARS_PER_USD) return 2;
  const leadingZeros = DECIMALS - size.toString().length;
  return Math.min(DECIMALS, Math.max(2, leadingZeros + SIGNIFICANT));
}

function decimal(size: bigint, decimals: number): string {
  const digits = rounded(size, 10n ** BigInt(DECIMALS - decimals))
    .toString()
    .padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '').padEnd(2, '0');
  return `${grouped(digits.slice(0, -decimals))}.${fraction}`;
}

/**
 * USD with as many digits as matter: cents from a dollar on, below it the first three digits. Integers all the way:
 * `1234.5` → `$1,234.50`, `0.000125` → `$0.000125`, `0.0812345` → `$0.0812`.
 */
export function usd(text: string): string {
  const amount = parseUsd(text);
  const size = amount < 0n ? -amount : amount;
  return `${amount < 0n ? '−' : ''}$${decimal(size, decimalsOf(size))}`;
}

/** The same where there is little room: `1234567.89` → `$1.23M`. */
export function usdShort(text: string): string {
  const amount = parseUsd(text);
  const size = amount < 0n ? -amount : amount;
  const unit = UNITS.find(([, factor]) => size >= PICODOLLARS_PER_USD * factor);
  if (size < SHORT_FROM || unit === undefined) return usd(text);
  const [letter, factor] = unit;
  return `${amount < 0n ? '−' : ''}$${decimal(size / factor, 2).replace(/\.?0+$/, '')}${letter}`;
}

/** A limit beside what was used of it: whole dollars need no cents. */
export const usdLimit = (text: string): string => usdShort(text).replace(/\.00$/, '');

/** Every digit that there is: `$1,234.500000000001`. */
export function usdExact(text: string): string {
  const [whole = '', fraction = '00'] = text.replace('-', '').split('.');
  return `${text.startsWith('-') ? '−' : ''}$${grouped(whole)}.${fraction}`;
}

/** For a drawing only: what is written comes from the decimal string. */
export const drawn = (text: string): number => Number(parseUsd(text)) / Number(PICODOLLARS_PER_USD);

/** How much of a limit is used, in percent from 0 on; more than 100 where the limit was passed. */
export function percentOfUsd(used: string, limit: string): number {
  return Number((parseUsd(used) * 10_000n) / parseUsd(limit)) / 100;
}
