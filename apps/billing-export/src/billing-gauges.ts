import { EndOffsets } from '@tollgate/kafka/end-offsets';
import { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import { readLags } from './meter-events/hour-closer.ts';
import { countStates } from './meter-events/sql/count-states.ts';
import { countRefused } from './refused/sql/list-refused.ts';

/** How far billing is behind, and what waits. */
export class BillingGauges {
  private readonly lag = new Gauge({
    name: 'tollgate_billing_lag_records',
    help: 'Records of a topic that are not in the line items yet',
    labelNames: ['topic'],
  });
  private readonly events = new Gauge({
    name: 'tollgate_billing_meter_events',
    help: 'Meter events by state; held and failed ones wait for a person',
    labelNames: ['state'],
  });
  private readonly refused = new Gauge({
    name: 'tollgate_billing_refused_records',
    help: 'Records that were put aside because they cannot be billed where they say they belong',
  });

  constructor(
    private readonly db: DataSource,
    private readonly ends: EndOffsets,
  ) {}

  async measure(): Promise<void> {
    for (const [state, count] of Object.entries(await countStates(this.db.manager))) {
      this.events.set({ state }, count);
    }
    this.refused.set(await countRefused(this.db.manager));
    for (const [topic, lag] of await readLags(this.db, (of) => this.ends.of(of)))
      this.lag.set({ topic }, lag);
  }
}
