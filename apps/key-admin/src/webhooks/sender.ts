import { randomUUID } from 'node:crypto';
import type { Logger } from '@tollgate/service-kit/log';
import { pause } from '@tollgate/service-kit/pause';
import type { DataSource } from 'typeorm';
import type { Attempt } from './attempt.ts';
import { type TakenDelivery, takeDeliveries } from './sql/take-deliveries.ts';

const AT_ONCE = 16;
const OF_ONE_WEBHOOK = 4;
const LOOK_EVERY_MS = 500;
/** Attempts under way at the end get this long; what is cut off is sent by the next start. */
const STOP_WITHIN_MS = 3_000;

/**
 * Sends what is due. Any number of senders may run: each takes deliveries by a lease, and what a sender that died
 * had taken is due again when the lease ends.
 *
 * stopped → looking (takes up to 16, of one webhook 4) → stopping (attempts under way end) → stopped
 */
export class WebhookSender {
  private readonly stopping = new AbortController();
  private readonly cutOff = new AbortController();
  private readonly busy = new Map<string, number>();
  private readonly underWay = new Set<Promise<void>>();
  private running: Promise<void> | undefined;
  private rest = new AbortController();

  constructor(
    private readonly db: DataSource,
    private readonly attempt: Attempt,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Looks now: something was queued, or a slot is free. */
  wake(): void {
    this.rest.abort();
  }

  /** Resolves when no attempt is under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    const deadline = setTimeout(() => this.cutOff.abort(), STOP_WITHIN_MS);
    await this.running;
    await Promise.all(this.underWay);
    clearTimeout(deadline);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      // Made before the look, so that what happens during it is not slept through.
      this.rest = new AbortController();
      try {
        for (const delivery of await this.take()) this.launch(delivery);
        await pause(LOOK_EVERY_MS, this.rest.signal);
      } catch (error) {
        this.logger.error({ err: error }, 'due webhook deliveries could not be read; it is tried again');
        await pause(LOOK_EVERY_MS, this.stopping.signal);
      }
    }
  }

  private take(): Promise<TakenDelivery[]> {
    const share = { atMost: AT_ONCE - this.underWay.size, ofOneWebhook: OF_ONE_WEBHOOK, busy: this.busy };
    return takeDeliveries(this.db, randomUUID(), share, Date.now());
  }

  private launch(delivery: TakenDelivery): void {
    const { id, webhook_id } = delivery;
    this.busy.set(webhook_id, (this.busy.get(webhook_id) ?? 0) + 1);
    const done = this.attempt
      .execute(delivery, this.cutOff.signal)
      .catch((error: unknown) =>
        this.logger.error(
          { err: error, delivery: id },
          'a delivery is sent again, for its outcome was not kept',
        ),
      )
      .finally(() => {
        const others = this.busy.get(webhook_id)! - 1;
        if (others > 0) this.busy.set(webhook_id, others);
        else this.busy.delete(webhook_id);
        this.underWay.delete(done);
        this.wake();
      });
    this.underWay.add(done);
  }
}
