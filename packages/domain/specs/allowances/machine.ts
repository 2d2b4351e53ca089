import type { Clocks } from '../../src/allowance/scope-terms.ts';
import type { Attempt, KnownScope, UsageRecord } from './scopes.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';
import type { Timeline } from './timeline.ts';

/** A process of a gateway, and its machine: clocks that are wrong, a log that outlives it. */
export class Machine {
  gateway: SimulatedGateway | null = null;
  incarnation = 0;
  wallOffsetMs: number;
  private sleptMs = 0;
  private lease = { steadyMs: 0, wallMs: 0, leaseMs: 0 };
  stoppedUntilMs = 0;
  cutOffUntilMs = 0;
  inFlight = new Map<number, Attempt>();
  unpublished = new Map<number, UsageRecord>();
  knows = new Map<string, KnownScope>();
  isDraining = false;
  hasLeft = false;

  constructor(
    readonly instance: string,
    private readonly time: Timeline,
    offsetMs: number,
  ) {
    this.wallOffsetMs = offsetMs;
  }

  /** The machine sleeps, and its steady clock with it. */
  sleep(ms: number): void {
    this.sleptMs += ms;
    this.stoppedUntilMs = Math.max(this.stoppedUntilMs, this.time.nowMs + ms);
  }

  clocks(): Clocks {
    const nowMs = this.time.nowMs + this.wallOffsetMs;
    const steadyMs = Math.max(this.lease.steadyMs, this.time.nowMs - this.sleptMs);
    const { lease } = this;
    const passed = lease.leaseMs === 0 ? 0 : Math.max(steadyMs - lease.steadyMs, nowMs - lease.wallMs, 0);
    this.lease = { steadyMs, wallMs: nowMs, leaseMs: (lease.leaseMs || 1_000_000) + passed };
    return { nowMs, steadyMs, leaseMs: this.lease.leaseMs };
  }
}
