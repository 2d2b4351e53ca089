import { writeFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector/promises';

/**
 * Loaded into a process that is measured (`node --import`), to answer over its IPC channel what only it knows:
 * the CPU time it took, its heap after a collection, and a CPU profile of a stretch of time. Idle unless asked.
 */
export type Question =
  | { readonly ask: 'cpu' }
  | { readonly ask: 'heap' }
  | { readonly ask: 'start-profile' }
  | { readonly ask: 'stop-profile'; readonly file: string };
export interface Heap {
  readonly heapUsed: number;
  readonly arrayBuffers: number;
  readonly rss: number;
}

const SAMPLE_EVERY_US = 250;
let session: Session | undefined;

async function answer(question: Question): Promise<unknown> {
  switch (question.ask) {
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return user + system;
    }
    case 'heap': {
      // Twice: what finalizers let go of in the first pass is collected in the second.
      for (let pass = 0; pass < 2; pass += 1) globalThis.gc?.();
      const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
      return { heapUsed, arrayBuffers, rss } satisfies Heap;
    }
    case 'start-profile':
      session = new Session();
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
      return session.post('Profiler.start');
    case 'stop-profile': {
      const { profile } = (await session!.post('Profiler.stop')) as Profiler.StopReturnType;
      session!.disconnect();
      writeFileSync(question.file, JSON.stringify(profile));
      return undefined;
    }
  }
}

process.on('message', (message: { probe?: number; question?: Question }) => {
  const { probe, question } = message;
  if (probe === undefined || !question) return;
  void answer(question).then((reply) => process.send?.({ probe, reply }));
});
// Listening must not keep alive a process that is otherwise done.
process.channel?.unref();
