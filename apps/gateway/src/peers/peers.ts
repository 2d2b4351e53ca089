import type { GatewayReported } from '@tollgate/contracts/events';
import type { Instance } from '../instance.ts';

/** A gateway is live until it was silent for this long, or said goodbye. */
const LIVE_MS = 5_000;
/** Then it is forgotten; what restarts is another incarnation and reports anew. */
const FORGOTTEN_MS = 60_000;

/** How far back an instance that starts reads the reports, by its own clock, which may be some seconds off. */
export const LOOK_BACK_MS = LIVE_MS + 10_000;

interface Peer {
  /** When the broker took its latest report. */
  readonly stampMs: number;
  readonly leaving: boolean;
}

/**
 * Which other gateways are live, from everybody's reports: by the broker's stamps, and as of the own latest report that
 * was read back. It is a hint of how many share a limit: that none is passed does not hang on it.
 */
export class Peers {
  /** Resolves when the own first report was read back, with all that came before it. */
  readonly introduced: Promise<void>;
  private readonly others = new Map<string, Peer>();
  /** The broker's stamp of the own latest report that was read back. */
  private latestMs: number | null = null;
  private resolveIntroduced!: () => void;

  constructor(private readonly own: Instance) {
    this.introduced = new Promise((resolve) => {
      this.resolveIntroduced = resolve;
    });
  }

  /** @param stampMs when the broker took the report */
  note(report: GatewayReported, stampMs: number): void {
    const { instance, started_at, leaving } = report;
    if (instance !== this.own.name) {
      this.others.set(instance, { stampMs, leaving });
      return;
    }
    // An earlier incarnation has ended: an instance's name is held by one process at a time.
    if (started_at !== this.own.startedAt) return;
    this.latestMs = stampMs;
    this.forget(stampMs);
    this.resolveIntroduced();
  }

  /** Other instances that are live, as of the own latest report. */
  get othersLive(): number {
    let live = 0;
    for (const { stampMs, leaving } of this.others.values()) {
      if (!leaving && (this.latestMs === null || this.latestMs - stampMs <= LIVE_MS)) live += 1;
    }
    return live;
  }

  private forget(stampMs: number): void {
    for (const [instance, peer] of this.others) {
      if (stampMs - peer.stampMs > FORGOTTEN_MS) this.others.delete(instance);
    }
  }
}
