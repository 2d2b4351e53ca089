import { parentPort, workerData } from 'node:worker_threads';

/**
 * Calls out each instant at which a request is due. A thread of its own that sleeps in Atomics.wait, since timers
 * of the event loop are a millisecond wide, more than a proxy adds.
 */
const { startNs, intervalNs, count } = workerData as { startNs: bigint; intervalNs: bigint; count: number };
const never = new Int32Array(new SharedArrayBuffer(4));

for (let index = 0; index < count; index += 1) {
  const waitNs = startNs + BigInt(index) * intervalNs - process.hrtime.bigint();
  if (waitNs > 0n) Atomics.wait(never, 0, 0, Number(waitNs) / 1e6);
  parentPort!.postMessage(index);
}
