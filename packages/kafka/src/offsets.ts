import type { Admin } from 'kafkajs';
import { untilServed } from './until-served.ts';

/**
 * The next offset of every partition of a topic, and the one from which records are read: the first, or the first
 * that the broker stamped at `sinceMs` or later.
 */
export const fetchOffsets = (admin: Admin, topic: string, sinceMs: number | null = null) =>
  untilServed(async () => {
    const offsets = await admin.fetchTopicOffsets(topic);
    const recent = sinceMs === null ? [] : await admin.fetchTopicOffsetsByTimestamp(topic, sinceMs);
    const starts = new Map(recent.map(({ partition, offset }) => [partition, BigInt(offset)]));
    return offsets.map(({ partition, low, high }) => ({
      partition,
      high: BigInt(high),
      start: starts.get(partition) ?? BigInt(low),
    }));
  });
