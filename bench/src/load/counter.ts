import type { Exchange } from './connection.ts';

export interface Counted {
  /** Answered with 200, to the end. */
  readonly succeeded: number;
  /** Status → answers other than 200; 0 for broken connections. */
  readonly failed: Readonly<Record<string, number>>;
  readonly chunks: number;
  readonly elapsedMs: number;
  /** CPU time of the load generator. */
  readonly cpuUs: number;
}

/** Counts what became of requests. */
export class Counter {
  private succeeded = 0;
  private chunks = 0;
  private readonly failed: Record<string, number> = {};
  private readonly startedMs = performance.now();
  private readonly cpu = process.cpuUsage();

  note({ status, chunks }: Exchange): void {
    if (status === 200) this.succeeded += 1;
    else this.failed[status] = (this.failed[status] ?? 0) + 1;
    this.chunks += chunks;
  }

  result(): Counted {
    const { user, system } = process.cpuUsage(this.cpu);
    const { succeeded, failed, chunks } = this;
    return { succeeded, failed, chunks, elapsedMs: performance.now() - this.startedMs, cpuUs: user + system };
  }
}
