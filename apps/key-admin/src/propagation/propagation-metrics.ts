import type { Propagation } from '@tollgate/contracts/admin-http';
import { Counter, Gauge, Histogram } from 'prom-client';

const TOOK_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** How soon changes hold at every gateway. */
export class PropagationMetrics {
  private readonly took = new Histogram({
    name: 'tollgate_propagation_seconds',
    help: 'From the commit of a change to the word of every live gateway that it goes by it',
    buckets: TOOK_SECONDS,
  });
  private readonly incomplete = new Counter({
    name: 'tollgate_propagation_incomplete_total',
    help: 'Changes whose answers left before every live gateway went by them',
  });

  /** @param countLive asked whenever metrics are */
  constructor(countLive: () => number) {
    new Gauge({
      name: 'tollgate_live_gateways',
      help: 'Gateways that reported within the last 5 s',
      collect() {
        this.set(countLive());
      },
    });
  }

  answered({ complete, gateways, took_ms }: Propagation): void {
    if (!complete) this.incomplete.inc();
    else if (gateways > 0) this.took.observe(took_ms / 1_000);
  }
}
