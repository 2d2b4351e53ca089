import type { DeliveryState } from '@tollgate/contracts/webhooks';
import { Counter, Gauge } from 'prom-client';
import type { PostResult } from './post.ts';
import type { Backlog } from './sql/read-backlog.ts';

type Outcome = Exclude<DeliveryState, 'pending'>;

/** What becomes of deliveries, and what waits. */
export class WebhookMetrics {
  private readonly deliveries = new Counter({
    name: 'tollgate_webhook_deliveries_total',
    help: 'Webhook deliveries by outcome: delivered, failed (given up), expired (the event was read too late)',
    labelNames: ['outcome'],
  });
  private readonly attempts = new Counter({
    name: 'tollgate_webhook_attempts_total',
    help: 'Attempts at webhook deliveries by result: the class of the status, such as 2xx, or none',
    labelNames: ['result'],
  });

  /** @param readBacklog asked whenever metrics are */
  constructor(readBacklog: () => Promise<Backlog>) {
    // An increase is only seen of what was there before it.
    for (const outcome of ['delivered', 'failed', 'expired']) this.deliveries.inc({ outcome }, 0);
    for (const result of ['none', '2xx', '4xx', '5xx']) this.attempts.inc({ result }, 0);
    const pending = new Gauge({
      name: 'tollgate_webhook_pending',
      help: 'Webhook deliveries that wait for an attempt',
    });
    new Gauge({
      name: 'tollgate_webhook_oldest_pending_seconds',
      help: 'Age of the oldest webhook delivery that waits; 0 where none does',
      async collect() {
        // A database that is away must not take the other metrics with it.
        const backlog = await readBacklog().catch(() => null);
        if (!backlog) return;
        pending.set(backlog.pending);
        this.set(backlog.oldest ? Math.max(0, Date.now() - backlog.oldest.getTime()) / 1_000 : 0);
      },
    });
  }

  attempted({ status }: PostResult): void {
    this.attempts.inc({ result: status === null ? 'none' : `${Math.floor(status / 100)}xx` });
  }

  settled(outcome: Outcome, count = 1): void {
    this.deliveries.inc({ outcome }, count);
  }
}
