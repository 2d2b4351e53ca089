import { Worker } from 'node:worker_threads';
import { quantile } from '../statistics.ts';
import { Connection } from './connection.ts';
import { type Counted, Counter } from './counter.ts';
import { requestBytes, type Target } from './target.ts';

/** As many requests as the target takes, over a fixed number of connections. */
export interface Saturation {
  readonly kind: 'saturation';
  readonly target: Target;
  readonly connections: number;
  readonly seconds: number;
}
/** Requests at a fixed rate, whether the target keeps up or not. */
export interface FixedRate {
  readonly kind: 'fixed-rate';
  readonly target: Target;
  readonly perSecond: number;
  readonly seconds: number;
}
export type Run = Saturation | FixedRate;

/** In ms from the instant a request was due to the end of its answer. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How late requests left, which is the generator's own fault and part of the latencies. */
  readonly latenessP99: number;
}
export type Result = Counted & { readonly latencies: Latencies | null };

/** Every connection sends its next request as soon as its last is answered; the last ones are waited for. */
export function saturate({ target, connections, seconds }: Saturation): Promise<Result> {
  const request = requestBytes(target);
  const counter = new Counter();
  const endMs = performance.now() + seconds * 1_000;
  return new Promise((resolve) => {
    let open = connections;
    const start = () => {
      let connection = new Connection(target.port, target.streamed);
      const again = () => {
        if (performance.now() >= endMs) {
          connection.close();
          open -= 1;
          if (open === 0) resolve({ ...counter.result(), latencies: null });
          return;
        }
        if (connection.broken) connection = new Connection(target.port, target.streamed);
        connection.send(request, (exchange) => {
          counter.note(exchange);
          again();
        });
      };
      again();
    };
    for (let index = 0; index < connections; index += 1) start();
  });
}

const LEAD_NS = 20_000_000n;

/**
 * Sends request n at `start + n × interval` whatever became of those before it, on another connection if need be,
 * and takes its latency from that instant: a target that stalls is charged for every request that was due
 * meanwhile (no coordinated omission).
 */
export function holdRate({ target, perSecond, seconds }: FixedRate): Promise<Result> {
  const request = requestBytes(target);
  const counter = new Counter();
  const count = Math.round(perSecond * seconds);
  const intervalNs = BigInt(Math.round(1e9 / perSecond));
  const startNs = process.hrtime.bigint() + LEAD_NS;
  const latencies = new Float64Array(count);
  const lateness = new Float64Array(count);
  const idle: Connection[] = [];
  const pacer = new Worker(new URL('./pacer.js', import.meta.url), {
    workerData: { startNs, intervalNs, count },
  });
  return new Promise((resolve, reject) => {
    let done = 0;
    const finish = () => {
      for (const connection of idle) connection.close();
      resolve({
        ...counter.result(),
        latencies: {
          p50: quantile(latencies, 0.5),
          p99: quantile(latencies, 0.99),
          max: quantile(latencies, 1),
          latenessP99: quantile(lateness, 0.99),
        },
      });
    };
    pacer.on('error', reject);
    pacer.on('message', (index: number) => {
      const dueNs = startNs + BigInt(index) * intervalNs;
      const sinceDueMs = () => Number(process.hrtime.bigint() - dueNs) / 1e6;
      // The one idle for longest, so that none is idle for so long that the target closes it.
      let connection = idle.shift();
      while (connection?.broken) connection = idle.shift();
      const used = connection ?? new Connection(target.port, target.streamed);
      lateness[index] = sinceDueMs();
      used.send(request, (exchange) => {
        latencies[index] = sinceDueMs();
        counter.note(exchange);
        if (!used.broken) idle.push(used);
        done += 1;
        if (done === count) finish();
      });
    });
  });
}
