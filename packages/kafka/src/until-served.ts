const PAUSE_MS = 100;
const DEADLINE_MS = 30_000;

/**
 * Repeats a question about a topic that was created a moment ago: brokers know of it, and have leaders for it, before
 * they serve it, and kafkajs does not repeat all of those errors. For up to 30 s.
 */
export async function untilServed<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error as { retriable?: boolean }).retriable || performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
