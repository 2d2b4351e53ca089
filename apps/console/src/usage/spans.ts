const HOUR_MS = 3_600_000;

/** How far back use is looked at, and how finely. */
export const SPANS = {
  '24h': { title: '24 hours', hours: 24, bucket: 'hour' },
  '7d': { title: '7 days', hours: 7 * 24, bucket: 'hour' },
  '30d': { title: '30 days', hours: 30 * 24, bucket: 'day' },
  '90d': { title: '90 days', hours: 90 * 24, bucket: 'day' },
} as const;
export type SpanName = keyof typeof SPANS;

/** The span until now; to the minute, so that what is asked again within it is the same question. */
export function spanUntilNow(name: SpanName): { readonly from: string; readonly to: string } {
  const nowMs = Math.ceil(Date.now() / 60_000) * 60_000;
  return {
    from: new Date(nowMs - SPANS[name].hours * HOUR_MS).toISOString(),
    to: new Date(nowMs).toISOString(),
  };
}
