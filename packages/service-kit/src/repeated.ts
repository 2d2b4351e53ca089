import { pause } from './pause.ts';

export interface RepeatedWork {
  /** Given the signal of its end, for work that waits. */
  readonly work: (stopping: AbortSignal) => Promise<unknown>;
  /** Between the end of one run and the next. */
  readonly everyMs: number;
  /** Told after each run whether it failed, and why; the next one is tried all the same. */
  readonly onRun: (error?: unknown) => void;
}

/** Does something again and again, one run at a time. stopped → running → stopped */
export class Repeated {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly what: RepeatedWork) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when the run under way has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.what.work(signal);
        this.what.onRun();
      } catch (error) {
        if (!signal.aborted) this.what.onRun(error);
      }
      await pause(this.what.everyMs, signal);
    }
  }
}
