import { Injectable } from '@nestjs/common';
import type { GatewayReported } from '@tollgate/contracts/events';
import type { Position } from '@tollgate/kafka/publisher';

/** A gateway is live when it was heard of within this time. */
export const LIVE_MS = 5_000;
/** Requests of the last minute are forgotten when their report is older. */
const WINDOW_MS = 60_000;

interface Instance {
  heardMs: number;
  leaving: boolean;
  /** Partition of `keys` → next offset to apply. */
  applied: Readonly<Record<string, string>>;
  /** Key → admissions in the 60 s before a report. */
  readonly windows: Map<string, { count: number; atMs: number }>;
}

/** What the gateways say of themselves: who is live, what they have applied, how busy their keys are. */
@Injectable()
export class Gateways {
  private readonly instances = new Map<string, Instance>();
  private readonly listeners = new Set<() => void>();

  /** @param heardMs when the report arrived, or was written if it is read from the past */
  report(report: GatewayReported, heardMs: number): void {
    this.forget(heardMs);
    const { instance, leaving, applied } = report;
    const windows = this.instances.get(instance)?.windows ?? new Map();
    for (const [keyId, count] of Object.entries(report.windows)) {
      // Noted anew at the end, so that the oldest come first when they are forgotten.
      windows.delete(keyId);
      if (count > 0) windows.set(keyId, { count, atMs: heardMs });
    }
    this.instances.set(instance, { heardMs, leaving, applied: applied.keys, windows });
    for (const listener of this.listeners) listener();
  }

  /** Calls back after each report, until the function it gives is called. */
  onReport(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** How many gateways are live, and how many of them have applied the record at a position of `keys`. */
  count(nowMs: number, position: Position | null): { gateways: number; acknowledged: number } {
    let gateways = 0;
    let acknowledged = 0;
    for (const instance of this.live(nowMs)) {
      gateways += 1;
      if (position && BigInt(instance.applied[position.partition] ?? 0) > position.offset) acknowledged += 1;
    }
    return { gateways, acknowledged };
  }

  requestsLastMinute(keyId: string, nowMs: number): number {
    let sum = 0;
    for (const { windows } of this.live(nowMs)) {
      const window = windows.get(keyId);
      if (window && nowMs - window.atMs <= WINDOW_MS) sum += window.count;
    }
    return sum;
  }

  private *live(nowMs: number): Generator<Instance> {
    for (const instance of this.instances.values()) {
      if (!instance.leaving && nowMs - instance.heardMs <= LIVE_MS) yield instance;
    }
  }

  /** Keeps memory to the gateways and keys of the last minute. */
  private forget(nowMs: number): void {
    for (const [name, { heardMs, windows }] of this.instances) {
      if (nowMs - heardMs > WINDOW_MS) this.instances.delete(name);
      for (const [keyId, { atMs }] of windows) {
        if (nowMs - atMs <= WINDOW_MS) break;
        windows.delete(keyId);
      }
    }
  }
}
