import type { GatewayReported } from '@tollgate/contracts/events';
import type { Instance } from '../instance.ts';

/** A gateway is live until it was silent for this long, or said goodbye. */
const LIVE_MS = 5_000;
/** Then it is forgotten; what restarts is another incarnation and reports anew. */
const FORGOTTEN_MS = 60_000;

/** A clock that is further off the broker's than this did not tell where to begin to read. */
const MAX_SKEW_MS = 5_000;
/** How far back an instance that starts reads the reports, by its own clock. */
export const LOOK_BACK_MS = LIVE_MS + 2 * MAX_SKEW_MS;

interface Peer {
  /** When the broker took its latest report. */
  readonly stampMs: number;
  readonly leaving: boolean;
}

/**
 * Which other gateways are live, from everybody's reports.
 *
 * All gateways report to one partition, which has one order for all. An instance {@link isAlone} only where it has
 * read its own report back, sent less than {@link LIVE_MS} ago, and nobody reported in the {@link LIVE_MS} before
 * that one or after it. Two instances can therefore never both be alone: of their two latest reports that were read
 * back, the later one's sender has read the earlier one, which is no older than LIVE_MS. That holds through pauses,
 * partitions and outages, for who cannot read its own reports is not alone either. It takes one report there and
 * back for an instance to start, and LIVE_MS for others to know that one is gone without goodbye.
 *
 * Silence is measured by the broker's stamps alone; the own clock measures only how long ago it sent its report.
 */
export class Peers {
  /** Resolves when the own first report was read back, with all that came before it. */
  readonly introduced: Promise<void>;
  private readonly others = new Map<string, Peer>();
  /** The own latest report that was read back. */
  private latest: { readonly sentMs: number; readonly stampMs: number } | null = null;
  private resolveIntroduced!: () => void;
  /** From when on, by the broker's stamps, every report was read. */
  private knownFromMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly own: Instance) {
    this.introduced = new Promise((resolve) => {
      this.resolveIntroduced = resolve;
    });
  }

  /**
   * @param sentMs when the report was sent, by its sender's clock
   * @param stampMs when the broker took it
   */
  note(report: GatewayReported, sentMs: number, stampMs: number): void {
    const { instance, started_at, leaving } = report;
    if (instance !== this.own.name) {
      this.others.set(instance, { stampMs, leaving });
      return;
    }
    // An earlier incarnation has ended: an instance's name is held by one process at a time.
    if (started_at !== this.own.startedAt) return;
    if (this.latest === null && Math.abs(stampMs - sentMs) > MAX_SKEW_MS) this.knownFromMs = stampMs;
    this.latest = { sentMs, stampMs };
    this.forget(stampMs);
    this.resolveIntroduced();
  }

  /** Other instances that are live, as of the own latest report. */
  get othersLive(): number {
    let live = 0;
    for (const { stampMs, leaving } of this.others.values()) {
      if (!leaving && (this.latest === null || this.latest.stampMs - stampMs <= LIVE_MS)) live += 1;
    }
    return live;
  }

  /** Whether this is certainly the only live gateway. */
  isAlone(nowMs: number): boolean {
    if (this.latest === null || this.latest.stampMs - this.knownFromMs < LIVE_MS) return false;
    const sinceSentMs = nowMs - this.latest.sentMs;
    // Below zero, the clock was set back and says nothing of the time that passed.
    return sinceSentMs >= 0 && sinceSentMs < LIVE_MS && this.othersLive === 0;
  }

  private forget(stampMs: number): void {
    for (const [instance, peer] of this.others) {
      if (stampMs - peer.stampMs > FORGOTTEN_MS) this.others.delete(instance);
    }
  }
}
