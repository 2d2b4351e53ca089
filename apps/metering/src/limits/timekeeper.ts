import type { Logger } from '@tollgate/service-kit/log';
import type { DataSource } from 'typeorm';
import { closePeriods } from './close-periods.ts';
import { publishLate } from './publish-late.ts';

const LOOK_EVERY_MS = 250;

/** Does what time alone makes due: ends periods, and publishes meters that waited. stopped → looking → stopped */
export class Timekeeper {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  /** @param onLook told after each look whether the database answered */
  constructor(
    private readonly db: DataSource,
    private readonly logger: Logger,
    private readonly onLook: (error?: unknown) => void = () => undefined,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when the look under way has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const nowMs = Date.now();
        await closePeriods(this.db, nowMs);
        await publishLate(this.db, nowMs);
        this.onLook();
      } catch (error) {
        this.logger.error({ err: error }, 'ending periods failed; it is tried again');
        this.onLook(error);
      }
      await pause(LOOK_EVERY_MS, signal);
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
