/**
 * Says what a process holds, for those who look for leaks: `node --expose-gc --import <this file> main.js` with an IPC
 * channel, and the message `{ probe: n }`, answered as `{ probe: n, holds }`. Idle unless asked. It is no TypeScript
 * since node runs it before anything else.
 */
import { readdirSync } from 'node:fs';

if (process.send) {
  process.on('message', (message) => {
    if (typeof message !== 'object' || message === null || !('probe' in message)) return;
    // Twice: what finalizers let go of in the first pass is collected in the second.
    for (let pass = 0; pass < 2; pass += 1) globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    process.send({
      probe: message.probe,
      holds: { memoryBytes: heapUsed + arrayBuffers, handles: handles() },
    });
  });
  // Listening must not keep alive a process that is otherwise done.
  process.channel.unref();
}

/** Open files and sockets where the system lists them, else what the event loop waits for. */
function handles() {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return process.getActiveResourcesInfo().length;
  }
}
