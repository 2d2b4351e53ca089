import cluster, { type Worker } from 'node:cluster';
import type { ReadMetrics } from '@tollgate/service-kit/health';
import { AggregatorRegistry, register } from 'prom-client';

/** A scrape reaches whichever worker takes its connection, so each of them answers for all. */
interface Question {
  readonly type: 'tollgate:metrics?';
  readonly number: number;
}
interface Answer {
  readonly type: 'tollgate:metrics';
  readonly number: number;
  /** `null` where not all workers answered in time. */
  readonly text: string | null;
}

const PATIENCE_MS = 6_000;

/** In the process that starts the workers: adds up what they have counted, for whichever of them is asked. */
export function answerForWorkers(): void {
  const registry = new AggregatorRegistry();
  cluster.on('message', (worker: Worker, message: Partial<Question> | undefined) => {
    if (message?.type !== 'tollgate:metrics?') return;
    const answer = (text: string | null) => {
      const told = { type: 'tollgate:metrics', number: message.number! } as const;
      if (worker.isConnected()) worker.send({ ...told, text } satisfies Answer);
    };
    registry.clusterMetrics().then(answer, () => answer(null));
  });
}

/** What a gateway tells Prometheus: its own figures, or those of all workers. */
export function metricsReader(): ReadMetrics {
  if (!cluster.isWorker) return () => register.metrics();
  // Has this worker answer when the others are asked.
  new AggregatorRegistry();
  const asked = new Map<number, (text: string | null) => void>();
  let last = 0;
  process.on('message', (message: Partial<Answer> | undefined) => {
    if (message?.type !== 'tollgate:metrics') return;
    asked.get(message.number!)?.(message.text ?? null);
  });
  return async () => {
    last += 1;
    const number = last;
    const text = await new Promise<string | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), PATIENCE_MS);
      asked.set(number, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      process.send!({ type: 'tollgate:metrics?', number } satisfies Question);
    });
    asked.delete(number);
    if (text === null) throw new Error('not all workers told their metrics in time');
    return text;
  };
}
