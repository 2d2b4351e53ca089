import type { UsageSeriesEntry } from '@tollgate/contracts/metering-http';
import { formatUsd, parseUsd } from '@tollgate/contracts/money';
import { drawn } from '../figures/money.ts';

/** What can be drawn of use. */
export type Measure = 'cost_usd' | 'tokens' | 'requests';

export interface Used {
  readonly cost_usd: string;
  readonly tokens: number;
  readonly requests: number;
}

export interface GroupUsed extends Used {
  readonly group: string;
}

/** Groups beyond these are drawn as one, so that colours can be told apart. */
export const MOST_DRAWN = 5;
export const OTHER = '(others)';
const NOTHING: Used = { cost_usd: '0.00', tokens: 0, requests: 0 };

const added = (a: Used, b: Used): Used => ({
  cost_usd: formatUsd(parseUsd(a.cost_usd) + parseUsd(b.cost_usd)),
  tokens: a.tokens + b.tokens,
  requests: a.requests + b.requests,
});

const byCost = (a: GroupUsed, b: GroupUsed) => {
  const difference = parseUsd(b.cost_usd) - parseUsd(a.cost_usd);
  return difference === 0n ? b.tokens - a.tokens : difference > 0n ? 1 : -1;
};

/** A group that the API put together of the smallest has no name. */
const groupOf = ({ group }: UsageSeriesEntry): string => (group === null ? OTHER : (group ?? ''));

/** What each group used in all, the dearest first. Money is added as integers. */
export function totalsOf(entries: readonly UsageSeriesEntry[]): GroupUsed[] {
  const totals = new Map<string, Used>();
  for (const entry of entries) {
    const group = groupOf(entry);
    totals.set(group, added(totals.get(group) ?? NOTHING, entry));
  }
  return [...totals].map(([group, used]) => ({ group, ...used })).sort(byCost);
}

export const sumOf = (groups: readonly Used[]): Used => groups.reduce(added, NOTHING);

/** Cost per group of a bucket, to be drawn; `at` is where the bucket begins. */
export type DrawnBucket = { readonly at: string } & Readonly<Record<string, number | string>>;

/** The first groups by themselves, the rest as {@link OTHER}. */
export const drawnGroups = (totals: readonly GroupUsed[]): string[] => {
  const first = totals.slice(0, MOST_DRAWN).map(({ group }) => group);
  return totals.length > MOST_DRAWN ? [...first.filter((group) => group !== OTHER), OTHER] : first;
};

/** A bucket's place on the axis: its hour, or its day in the zone that days begin in. */
export function placeOf(bucket: 'hour' | 'day', timezone: string): (ms: number) => string {
  if (bucket === 'hour') return (ms) => new Date(ms - (ms % 3_600_000)).toISOString();
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' });
  return (ms) => day.format(ms);
}

const STEP_MS = { hour: 3_600_000, day: 43_200_000 };

interface Span {
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
  readonly bucket: 'hour' | 'day';
}

/** A bucket for every hour or day of the span, those without use too, so that the axis is time. */
export function bucketsOf(entries: readonly UsageSeriesEntry[], measure: Measure, span: Span): DrawnBucket[] {
  const groups = drawnGroups(totalsOf(entries));
  const place = placeOf(span.bucket, span.timezone);
  const empty = Object.fromEntries(groups.map((group) => [group, 0]));
  const buckets = new Map<string, Record<string, number | string>>();
  for (let ms = Date.parse(span.from); ms < Date.parse(span.to); ms += STEP_MS[span.bucket]) {
    buckets.set(place(ms), { ...empty, at: place(ms) });
  }
  for (const entry of entries) {
    const bucket = buckets.get(place(Date.parse(entry.start)));
    if (bucket === undefined) continue;
    const group = groups.includes(groupOf(entry)) ? groupOf(entry) : OTHER;
    const amount = measure === 'cost_usd' ? drawn(entry.cost_usd) : entry[measure];
    bucket[group] = Number(bucket[group] ?? 0) + amount;
  }
  return [...buckets.values()] as DrawnBucket[];
}
