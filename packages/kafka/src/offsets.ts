import type { Admin } from 'kafkajs';

const RETRY_PAUSE_MS = 100;
const DEADLINE_MS = 30_000;

/**
 * First and next offset of every partition of a topic, and the one from which records are read: the first, or the
 * first that the broker stamped at `sinceMs` or later. A topic that was created a moment ago has leaders in the
 * metadata before they serve it; kafkajs does not repeat that error, so it is repeated here, for up to 30 s.
 */
export async function fetchOffsets(admin: Admin, topic: string, sinceMs: number | null = null) {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      const offsets = await admin.fetchTopicOffsets(topic);
      const recent = sinceMs === null ? [] : await admin.fetchTopicOffsetsByTimestamp(topic, sinceMs);
      const starts = new Map(recent.map(({ partition, offset }) => [partition, BigInt(offset)]));
      return offsets.map(({ partition, low, high }) => ({
        partition,
        high: BigInt(high),
        start: starts.get(partition) ?? BigInt(low),
      }));
    } catch (error) {
      if (!(error as { retriable?: boolean }).retriable || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
    }
  }
}
