import { Counter, Histogram } from 'prom-client';
import type { CallOutcome } from './answer-call.ts';

/** Where the time is kept after which silent allowances are lost, in ms. */
export const LOSE_AFTER_MS = Symbol('LOSE_AFTER_MS');

export class AllowanceMetrics {
  readonly callSeconds = new Histogram({
    name: 'tollgate_allowance_call_seconds',
    help: 'Duration of the transaction that answers a gateway that asks for allowances',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  });
  private readonly asks = new Counter({
    name: 'tollgate_allowance_asks_total',
    help: 'What gateways asked for, one for each scope of a call, by outcome',
    labelNames: ['outcome'],
  });
  private readonly recalls = new Counter({
    name: 'tollgate_allowance_recalls_total',
    help: 'How often gateways were asked for what they do not need of a scope',
  });
  private readonly overdrawn = new Counter({
    name: 'tollgate_allowances_overdrawn_total',
    help: 'Asks that kept more than was granted, since a provider counted more than was held; should stay 0',
  });
  private readonly lost = new Counter({
    name: 'tollgate_allowances_lost_total',
    help: 'Allowances whose gateway was not heard any more, charged in full; should stay 0',
  });

  count({ decisions, overdrawn }: CallOutcome): void {
    for (const { outcome, recalls } of decisions) {
      this.asks.inc({ outcome });
      if (recalls) this.recalls.inc();
    }
    this.overdrawn.inc(overdrawn);
  }

  countLost(count: number): void {
    this.lost.inc(count);
  }
}
