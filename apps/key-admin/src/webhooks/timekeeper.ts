import type { Logger } from '@tollgate/service-kit/log';
import type { DataSource } from 'typeorm';
import { cleanUp } from './clean-up.ts';
import { pause } from './pause.ts';
import { tellExpiring } from './tell-expiring.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';

/** A notice is due days before; this late it may be. */
const LOOK_EVERY_MS = 5_000;
const CLEAN_EVERY_MS = 60_000;

/** Does what time alone makes due: tells of keys that expire, and cleans up. stopped → looking → stopped */
export class WebhookTimekeeper {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private cleanedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly db: DataSource,
    private readonly metrics: WebhookMetrics,
    private readonly logger: Logger,
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
        await this.look();
      } catch (error) {
        this.logger.error({ err: error }, 'looking for keys that expire failed; it is tried again');
      }
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  private async look(): Promise<void> {
    await tellExpiring(this.db, Date.now());
    if (performance.now() - this.cleanedAt < CLEAN_EVERY_MS) return;
    const given = await cleanUp(this.db, Date.now());
    if (given > 0) this.metrics.settled('failed', given);
    this.cleanedAt = performance.now();
  }
}
