import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { Gauge } from 'prom-client';
import type { KeyTable } from '../key-state/key-table.ts';
import type { InFlight } from '../proxy/in-flight.ts';
import type { UsageQueue } from '../settle/usage-queue.ts';

const PICODOLLARS = 1_000_000_000_000;

/**
 * How this gateway stands, looked at when somebody asks. Every attempt counts on the organization's account, so that one
 * tells of all records that no meter includes yet.
 */
export function registerGauges(keys: KeyTable, inFlight: InFlight, queue: UsageQueue): void {
  const organization = () => keys.scope(ORGANIZATION_ID)!.account(Date.now());
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      collect() {
        this.set(read());
      },
    });
  new Gauge({
    name: 'tollgate_requests_in_flight',
    help: 'Admitted requests that have not ended, by whether they stream',
    labelNames: ['streamed'],
    collect() {
      const { size, streams } = inFlight;
      this.set({ streamed: 'true' }, streams);
      this.set({ streamed: 'false' }, size - streams);
    },
  });
  new Gauge({
    name: 'tollgate_keys',
    help: 'Keys that this gateway knows',
    collect() {
      this.set(keys.size);
    },
    aggregator: 'max',
  });
  gauge(
    'tollgate_usage_queue_records',
    'Usage records that the broker has not acknowledged',
    () => queue.size,
  );
  gauge(
    'tollgate_usage_pending_records',
    'Usage records that no meter of the organization includes yet',
    () => organization().pendingCount,
  );
  gauge(
    'tollgate_holds',
    'Attempts for which room is held, under hard enforcement',
    () => inFlight.held.attempts,
  );
  gauge('tollgate_held_tokens', 'Tokens held for attempts', () => inFlight.held.tokens);
  gauge(
    'tollgate_held_cost_usd',
    'Cost held for attempts, in USD',
    () => Number(inFlight.held.costPicodollars) / PICODOLLARS,
  );
}
