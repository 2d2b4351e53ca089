import type { Clocks } from '@tollgate/domain/allowance/scope-terms';

/** A lead of the wall's clock that differs by less is how finely it is read. */
const JITTER_MS = 2;

/** About the wall's time, in ms since the epoch, but moved by no correction: for windows. */
export const steadyMs = (): number => performance.timeOrigin + performance.now();

/**
 * The gateway's clocks, read together. The lease clock is the steady one, moved on by every leap of the wall's ahead of
 * it: a machine that slept must not take its lease for young. What is misread ends a lease early.
 */
export class GatewayClocks {
  private leadMs: number;
  private leaptMs = 0;

  constructor(
    private readonly wall: () => number = Date.now,
    private readonly steady: () => number = steadyMs,
  ) {
    this.leadMs = wall() - steady();
  }

  read(): Clocks {
    const nowMs = this.wall();
    const steadyMs = this.steady();
    const leadMs = nowMs - steadyMs;
    const leapMs = leadMs - this.leadMs;
    if (Math.abs(leapMs) >= JITTER_MS) {
      this.leadMs = leadMs;
      this.leaptMs += Math.max(0, leapMs);
    }
    return { nowMs, steadyMs, leaseMs: steadyMs + this.leaptMs };
  }
}
